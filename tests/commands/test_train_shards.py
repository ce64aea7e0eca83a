"""`train` on shards: streamed or kept, stopped or whole, by one process or by torchrun's two: the same weights."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from facerep.errors import Stopped
from facerep.readers import streamed_crops
from facerep.training import each_epoch

SMALL = (
    "--network", "deepid-31x31", "--batch-size", 8, "--device", "cpu", "--precision", "32-true",
    "--set", "data.window=2",
)  # fmt: skip
NOTE = " MB: none is kept, they are cut anew in each epoch"


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


@pytest.fixture
def shards(here, people_folder, tmp_path: Path) -> Path:
    assert here("data", "shard", people_folder, "-o", "shards", "--size", "50kB").code == 0
    assert len(list((tmp_path / "shards").glob("*.tar"))) > 3
    return tmp_path / "shards"


@pytest.mark.usefixtures("shards")
def test_a_set_that_may_not_be_kept_is_streamed_to_the_same_weights_and_resumed(here, tmp_path, monkeypatch) -> None:
    options = (*SMALL, "--epochs", 3, "--workers", 0)
    kept = here("train", "shards", *options, "-o", "kept")
    assert kept.code == 0, kept.stderr
    assert NOTE not in kept.stderr
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "another"))
    monkeypatch.setenv("FACEREP_CACHE_SIZE", "20kB")
    streamed = here("train", "shards", *options, "-o", "streamed")
    assert NOTE in streamed.stderr
    assert equal(weights(tmp_path / "kept"), weights(tmp_path / "streamed"))

    with monkeypatch.context() as patch:
        plain = each_epoch.EachEpoch.on_train_batch_end

        def stop(self, trainer, *others):
            if trainer.current_epoch == 1:
                raise Stopped(signal.SIGTERM)
            plain(self, trainer, *others)

        patch.setattr(each_epoch.EachEpoch, "on_train_batch_end", stop)
        assert here("train", "shards", *options, "-o", "broken").code == 143
    assert here("train", "shards", *options, "-o", "broken", "--resume").code == 0
    assert equal(weights(tmp_path / "kept"), weights(tmp_path / "broken"))


def test_a_shard_that_is_cut_short_in_the_middle_is_one_line_and_the_run_goes_on(
    here, shards: Path, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("FACEREP_CACHE_SIZE", "20kB")
    options = (*SMALL, "--epochs", 2, "--workers", 0, "-o", "run")
    spoiled, whole = shards / "shard-000001.tar", tmp_path / "whole.tar"
    shutil.copy(spoiled, whole)
    plain = each_epoch.EachEpoch.on_train_epoch_end

    def spoil(self, *others):
        plain(self, *others)
        os.truncate(spoiled, 1000)

    with monkeypatch.context() as patch:
        patch.setattr(each_epoch.EachEpoch, "on_train_epoch_end", spoil)
        run = here("train", "shards", *options)
    assert (run.code, run.stdout) == (1, "")
    what = "file cannot be read (bytes were changed)"  # of shards that are made here the checksum is known
    assert run.error == f"error: {what}: {spoiled.relative_to(tmp_path)}; " + (
        "copy it again; the same command with --resume goes on"
    )
    os.utime(whole, ns=(0, spoiled.stat().st_mtime_ns))
    shutil.copy2(whole, spoiled)
    assert here("train", "shards", *options, "--resume").code == 0


def test_a_picture_that_cannot_be_read_is_replaced_and_told_once(here, people_folder, tmp_path, monkeypatch) -> None:
    for person in range(4):
        (people_folder / f"person_{person}" / "0.png").write_bytes(b"not a picture")
    monkeypatch.setattr("facerep.training.lessons.held_out_faces.fits", lambda *_: False)
    monkeypatch.setattr(streamed_crops, "_AHEAD", 1)
    lines = ["path,person,split"]
    for path in sorted(people_folder.rglob("*.png")):
        person = path.parent.name
        lines.append(f"{path.relative_to(tmp_path)},{person},{'validation' if person > 'person_3' else 'train'}")
    (tmp_path / "faces.csv").write_text("\n".join(lines), encoding="utf-8")
    run = here("train", "faces.csv", *SMALL[:-2], "--epochs", 2, "--workers", 1, "-o", "run")
    assert run.code == 0, run.stderr
    assert (
        run.stderr.count("warning: a picture cannot be used, another of its batch stands for it: people/person_") == 1
    )
    assert "/0.png (" in run.stderr


@pytest.mark.usefixtures("shards")
def test_what_cannot_be_is_one_line(here, people_folder, tmp_path, monkeypatch) -> None:
    run = here("train", people_folder, *SMALL, "--epochs", 1)
    assert run.error == f"error: data.window counts shards, and the pictures are in none: {people_folder}; " + (
        "facerep data shard"
    )
    for twice in (("shards", "shards"), ("shards", "shards/shard-000000.tar")):
        run = here("train", *twice, *SMALL, "--epochs", 1)
        assert (run.code, run.error.split(";")[0]) == (1, f"error: data set is named twice: {twice[1]}")
    monkeypatch.setenv("FACEREP_CACHE_SIZE", "lots")
    run = here("train", "shards", *SMALL, "--epochs", 1)
    assert (run.code, run.error) == (2, "error: no size 'lots'; give a number of bytes, or such as 200MB or 1GB")
    (tmp_path / "shards" / "shard-000001.tar").write_bytes(b"")
    run = here("train", "shards", *SMALL, "--epochs", 1)
    assert run.error.startswith("error: shard was changed: 0 bytes, ")


SEEN = """
import numpy as np
from facerep.cli.main import main
from facerep.readers.streamed_crops import StreamedCrops
from facerep.training.each_epoch import EachEpoch
import torch, os

plain, rows = StreamedCrops.batches, []

def noted(self, wanted):
    for some, pixels in plain(self, wanted):
        rows.extend(str(self.faces.paths[row].file) for row in some)
        yield some, pixels

def keep(self, trainer, tutor):
    rank = trainer.global_rank
    assert rank == int(os.environ["RANK"]) and trainer.world_size == int(os.environ["WORLD_SIZE"]) == 2
    torch.save((sorted(set(rows)), dict(tutor.named_parameters())), f"rank{rank}.pt")

StreamedCrops.batches, EachEpoch.on_train_end = noted, keep
main()
"""


@pytest.mark.slow
@pytest.mark.usefixtures("shards")
def test_torchrun_s_two_processes_read_disjoint_shards_and_train_one_network(tmp_path: Path) -> None:
    (tmp_path / "seen.py").write_text(SEEN, encoding="utf-8")
    options = [
        *map(str, (*SMALL[:2], *SMALL[4:8])),
        "--epochs",
        "1",
        "--workers",
        "0",
        "--devices",
        "2",
        "--strategy",
        "ddp",
    ]
    options += ["--set", "data.window=1", "--set", "data.people_per_batch=2", "--set", "data.pictures_per_person=2"]
    done = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "seen.py", "train",
            "shards", *options, "-o", "run",
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False,
        env={**os.environ, "FACEREP_CACHE": "cache", "FACEREP_CACHE_SIZE": "20kB"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("epoch 1/1") == 1
    (one, first), (other, second) = (torch.load(tmp_path / f"rank{rank}.pt", weights_only=True) for rank in (0, 1))
    assert one
    assert other
    assert not set(one) & set(other)
    assert equal(first, second)
    assert (tmp_path / "run" / "held-out.json").is_file()

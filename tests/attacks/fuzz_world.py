"""What the fuzzer spoils: one small file or folder of every kind that facerep reads, made by facerep itself."""

from __future__ import annotations

import io
import json
import pickle
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from facerep.faces.crops import Crop, preset
from facerep.networks.catalog import CATALOG
from facerep.networks.localizing.lnet import LNet
from facerep.networks.weights import save_model
from facerep.rendering.assets import write_assets
from facerep.studies.tracking.state_file import StateFile
from facerep.studies.tracking.track import track
from facerep.tracking.source import open_frames
from facerep.tracking.trunk import load_trunk
from photographs import orl, photograph, save
from tiny_head import tiny_head
from tiny_onnx import tiny_onnx

WORLD = {
    "people": "a folder of pictures",
    "faces.csv": "a table with points, splits and labels",
    "labels.csv": "a table of attributes",
    "pairs.csv": "a pair list with folds",
    "lists.csv": "gallery and probe lists",
    "blufr.csv": "lists of trials",
    "set.bin": "pictures in a pickle",
    "set.rec": "pictures in records; set.idx lies beside",
    "v.npy": "vectors", "v.npz": "vectors by name", "v.csv": "vectors as text", "v.parquet": "vectors as Parquet",
    "names.txt": "names of the vectors", "who.txt": "people of the vectors",
    "recipe.toml": "a recipe", "schedule.toml": "what is made sparse",
    "feats": "a folder of features", "codes": "a folder of codes that was stopped",
    "f.h5": "features", "more.h5": "features of other faces", "c.h5": "codes", "s.h5": "a scorer",
    "runs/tiny": "a run", "runs/sparse": "a sparsified run", "runs/drawing": "a run that draws",
    "runs/pairs": "a run of pairs", "runs/lnet": "a run that localizes",
    "photos.csv": "a table of photographs with boxes",
    "net.onnx": "a network of others", "net.toml": "its input contract", "stated.onnx": "the same with its contract",
    "out/verified": "a result", "out/again": "a result", "out/identified": "a result", "out/sparse": "a result",
    "out/selective": "a result", "out/attributes": "a result", "out/attributes2": "a result", "out/robust": "a result",
    "out/claims": "a result", "out/trials": "a result", "out/sized": "a result",
    "head.npz": "a head to render", "rendered": "a rendered set",
    "frames": "frames with true boxes", "boxes.csv.part": "a track that was stopped",
    "p.h5.part": "an extraction that was stopped",
    "photos": "photographs", "aligned": "aligned faces", "half.part": "an alignment that was stopped",
    "packed": "photographs in shards", "faced": "aligned faces in shards", "begun": "an alignment of shards, stopped",
}  # fmt: skip
"""What stands in the folder, and what it is."""

PEOPLE, PICTURES = 8, 4
RENDER = ("data", "render", "--assets", "head.npz", "--people", "1", "--size", "16", "--workers", "0")


def make_world(run: Callable[..., None]) -> None:
    """Make everything of WORLD in the present folder.

    Args:
        run: runs a command of facerep, and fails where it does.
    """
    names = [f"person_{person}/{picture}.png" for person in range(PEOPLE) for picture in range(PICTURES)]
    _write_pictures(names)
    _write_tables(names)
    _write_containers(names)
    _write_vectors(names)
    network, signal = '[network]\nname = "deepid-31x31"\n', '[signal]\nloss = "id"\n'
    Path("recipe.toml").write_text(f"{network}[data]\npeople_per_batch = 4\n[schedule]\nepochs = 1\n{signal}")
    Path("schedule.toml").write_text('rule = "magnitude"\n[keep]\nfeature = "1/8"\n')
    quiet = ("--workers", "0", "--device", "cpu", "-q")
    run("extract", "faces.csv", "--model", "pixels", "--crop", "loose", "-o", "f.h5", *quiet)
    run("extract", "people", "--model", "pixels", "-o", "more.h5", *quiet)
    run("binarize", "f.h5", "--threshold", "median", "-o", "c.h5")
    _write_folders(run)
    run("fit", "f.h5", "--chain", "pca:4+joint-bayesian", "-o", "s.h5")
    run("train", "faces.csv", "--recipe", "recipe.toml", "-o", "runs/tiny", *quiet)
    run("sparsify", "runs/tiny", "faces.csv", "--recipe", "schedule.toml", "--epochs", "1", "-o", "runs/sparse", *quiet)
    run("train", "faces.csv", "--loss", "canonical", "--epochs", "1", "-o", "runs/drawing", *quiet)
    pairs = ("--network", "convnet-rbm-face", "--epochs", "3", "--set", "schedule.tuned_epochs=1")
    run("train", "faces.csv", "--loss", "pair", *pairs, "-o", "runs/pairs", *quiet)
    tiny_onnx(Path("net.onnx"), batch=2, removed=True)
    Path("net.toml").write_text('colour = "bgr"\nmean = [1.0, 2.0, 3.0]\nscale = 0.01\noutput = "embedding"\n')
    run("export", "net.onnx", "--faces", "people", "-o", "stated.onnx", "-q")
    write_assets(Path("head.npz"), tiny_head())
    run(*RENDER, "-o", "rendered")
    run("data", "shard", "people", "-o", "shards", "--size", "40kb")
    run("verify", "f.h5", "-o", "out/verified")
    run("verify", "c.h5", "-o", "out/again")
    run("verify", "f.h5", "--pairs", "blufr.csv", "--far", "0.5", "-o", "out/trials")
    run("identify", "f.h5", "--lists", "lists.csv", "-o", "out/identified")
    run("analyze", "sparseness", "f.h5", "-o", "out/sparse")
    run("analyze", "selectiveness", "f.h5", "--people", "2", "--shuffles", "20", "-o", "out/selective")
    run(
        "analyze",
        "robustness",
        "faces.csv",
        "--model",
        "pixels",
        "--sample",
        "9",
        "--bottom",
        "0.3",
        "--block",
        "",
        "-o",
        "out/robust",
        *quiet[:-1],
    )
    run("attributes", "fit", "f.h5", "--cost", "1", "-o", "out/attributes")
    run("attributes", "fit", "f.h5", "--cost", "1", "--balanced", "-o", "out/attributes2")
    run("analyze", "claims", "out/verified", "out/sparse", "-o", "out/claims")
    run("report", "runs/tiny", "runs/sparse", "-o", "out/sized")
    _write_part(quiet, run)
    _write_frames()
    _write_localizer(names)
    _write_aligned(run)


def _write_aligned(run: Callable[..., None]) -> None:
    """Photographs with one face and with two, their aligned faces, and an alignment that was stopped at its end."""
    from facerep.extraction.aligned_folder import AlignedFolder
    from facerep.extraction.many.aligned_parts import AlignedParts

    ann, ben = orl(2)
    save(Path("photos/ann/1.png"), photograph((ann, 60, 40, 1.0), size=(240, 200)))
    save(Path("photos/ben/1.jpg"), photograph((ben, 10, 20, 1.0), (ann, 150, 60, 0.8), size=(260, 200)))
    run("align", "photos", "-o", "aligned", "--workers", "0")
    finish, AlignedFolder.finish = AlignedFolder.finish, lambda *_: None
    try:
        run("align", "photos", "-o", "half", "--workers", "0")
    finally:
        AlignedFolder.finish = finish
    run("data", "shard", "photos", "-o", "packed", "--size", "1kb")
    run("align", "packed", "-o", "faced", "--workers", "0", "--faces", "all")
    finish, AlignedParts.finish = AlignedParts.finish, lambda *_, **__: None
    try:
        run("align", "packed", "-o", "begun", "--workers", "0")
    finally:
        AlignedParts.finish = finish


def _write_localizer(names: list[str]) -> None:
    """Weights that respond to anything, in a run folder, and boxes of the pictures."""
    network = LNet(replace(CATALOG["lnet"], maps=(2, 2, 2, 2, 2), feature=2, classes=2), normalise=True)
    stage = {"across": 0.0, "down": 0.0, "side": 0.7, "threshold": 0.0}
    card = {"localization": {"attributes": ["smile", "hat"], "stages": [stage, stage]}}
    Path("runs/lnet").mkdir()
    crop = Crop(preset("points"), 64, 64)
    save_model(Path("runs/lnet/model.safetensors"), network, crop=crop, normalise=True, dropout=0.0, card=card)
    lines = [f"people/{name},20,20,44,44" for name in names]
    Path("photos.csv").write_text("\n".join(["path,x1,y1,x2,y2", *lines]) + "\n")


def _write_folders(run: Callable[..., None]) -> None:
    """Features of the pictures in three files, and codes of them that were stopped after two."""
    extract = ("extract", "people", "--model", "pixels", "--rows", "12", "--workers", "0", "--device", "cpu", "-q")
    run(*extract, "-o", "feats")
    run("binarize", "feats", "--threshold", "median", "-o", "codes")
    index = json.loads(Path("codes/features.json").read_text())
    last = index["parts"].popitem()[0]
    Path("codes", last).unlink()
    Path("codes/features.json").write_text(json.dumps({**index, "complete": False}))


def _write_pictures(names: list[str]) -> None:
    for row, name in enumerate(names):
        draw = np.random.default_rng(row // PICTURES)
        shape = Image.fromarray(np.uint8(draw.integers(0, 255, (6, 6, 3)))).resize((64, 64))
        noise = np.random.default_rng(100 + row).integers(-12, 12, (64, 64, 3))
        place = Path("people") / name
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.uint8(np.clip(np.asarray(shape, int) + noise, 0, 255))).save(place)


def _write_tables(names: list[str]) -> None:
    points = "x1,y1,x2,y2,x3,y3,x4,y4,x5,y5"
    at = "22,26,42,26,32,37,24,47,40,47"
    splits = ["train"] * 4 + ["val", "val", "test", "test"]
    lines = [f"path,person,split,Male,Smiling,{points}"]
    for row, name in enumerate(names):
        person = row // PICTURES
        lines.append(f"people/{name},{person},{splits[person]},{(person % 2) * 2 - 1},{(row % 2) * 2 - 1},{at}")
    Path("faces.csv").write_text("\n".join(lines) + "\n")
    Path("labels.csv").write_text(
        "name,Male\n" + "".join(f"people/{name},{row % 2}\n" for row, name in enumerate(names))
    )
    templates = (f"people/{name} {row // 2} {row // 3}" for row, name in enumerate(names))
    Path("templates.txt").write_text("\n".join(templates) + "\n")
    pairs = ["left,right,same,fold"]
    for row in range(0, len(names) - PICTURES, 2):
        fold = 1 + row % 4 // 2
        pairs += [f"people/{names[row]},people/{names[row + 1]},1,{fold}"]
        pairs += [f"people/{names[row]},people/{names[row + PICTURES]},0,{fold}"]
    Path("pairs.csv").write_text("\n".join(pairs) + "\n")
    opened = ("gallery", "probe", "", "")
    lists = [f"people/{name},{('gallery', 'probe', 'probe', '')[row % 4]},"
             + ("unknown" if row // PICTURES > 5 else opened[row % 4]) for row, name in enumerate(names)]  # fmt: skip
    Path("lists.csv").write_text("file,first,second\n" + "\n".join(lists) + "\n")
    trials = [f"people/{name},{row // PICTURES},{'TE'[row % 2]},{'TGPG'[row % 4]}{'GPTP'[row % 4]}"
              for row, name in enumerate(names)]  # fmt: skip
    Path("blufr.csv").write_text("file,label,dev,trials\n" + "\n".join(trials) + "\n")


def _write_frames() -> None:
    """Six frames of a square that moves, and the state of a track that was stopped after four."""
    Path("frames/img").mkdir(parents=True)
    boxes = []
    for number in range(6):
        picture = np.full((64, 64, 3), 90, np.uint8)
        picture[20:44, 20 + number : 44 + number] = np.random.default_rng(0).integers(0, 255, (24, 24, 3))
        Image.fromarray(picture).save(f"frames/img/{number + 1:04d}.png")
        boxes.append(f"{21 + number}\t21\t24\t24\n")
    Path("frames/groundtruth_rect.txt").write_text("".join(boxes))
    state = StateFile(Path("boxes.csv"), every=4)
    trunk = load_trunk("runs/tiny", torch.device("cpu"))
    track(trunk, open_frames(Path("frames")), np.array([20.0, 20, 24, 24]), state=state)


def _write_containers(names: list[str]) -> None:
    pictures = [(Path("people") / name).read_bytes() for name in names]
    Path("set.bin").write_bytes(pickle.dumps((pictures[:16], [True, False] * 4), protocol=4))
    word, content, lines = 0xCED7230A, b"", []
    records = [
        (key, struct.pack("<IfQQ", 0, (key - 1) // PICTURES, key, 0) + data) for key, data in enumerate(pictures, 1)
    ]
    for key, data in records:
        lines.append(f"{key}\t{len(content)}\n")
        content += struct.pack("<II", word, len(data)) + data + bytes(-len(data) % 4)
    Path("set.rec").write_bytes(content)
    Path("set.idx").write_text("".join(lines))


def _write_vectors(names: list[str]) -> None:
    import pyarrow
    import pyarrow.parquet

    values = np.random.default_rng(0).normal(size=(len(names), 6)).astype(np.float32)
    np.save("v.npy", values)
    np.savez("v.npz", vectors=values, other=np.arange(3))
    rows = [f"{name}," + ",".join(f"{value:.4f}" for value in row) for name, row in zip(names, values, strict=True)]
    Path("v.csv").write_text("name," + ",".join(f"e{unit}" for unit in range(6)) + "\n" + "\n".join(rows) + "\n")
    table = pyarrow.table({"name": names, "embedding": [row.tolist() for row in values]})
    pyarrow.parquet.write_table(table, "v.parquet")
    Path("names.txt").write_text("\n".join(names) + "\n")
    Path("who.txt").write_text("\n".join(name.partition("/")[0] for name in names) + "\n")


def _write_part(quiet: tuple[str, ...], run: Callable[..., None]) -> None:
    from facerep.extraction import blocks

    remove, blocks.Blocks.remove = blocks.Blocks.remove, lambda self: self.close()
    try:
        run("extract", "people", "--model", "pixels", "-o", "p.h5", *quiet)
    finally:
        blocks.Blocks.remove = remove
    Path("p.h5").unlink()


def picture_of(form: str, draw: np.random.Generator) -> bytes:
    """An odd picture: its mode, its size and its form drawn."""
    mode = draw.choice(["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "F", "LA"])
    size = tuple(int(draw.choice([1, 2, 7, 64, 3000])) for _ in range(2))
    stream = io.BytesIO()
    try:
        Image.new(str(mode), size).save(stream, form)
    except (OSError, ValueError):
        Image.new("RGB", size).save(stream, form)
    return stream.getvalue()

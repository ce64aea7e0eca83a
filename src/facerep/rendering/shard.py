"""A shard: all pictures of one person in one tar file, called as Multi-PIE calls them, with a table of them.

Nothing in it depends on anything but seed, person, size, recipe and assets; its bytes neither.
"""

from __future__ import annotations

import csv
import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from facerep.errors import BadInput
from facerep.files.atomic import replacing
from facerep.rendering.assets import Assets
from facerep.rendering.camera import Camera, look
from facerep.rendering.light import lighting
from facerep.rendering.mesh import build
from facerep.rendering.names import CAMERA_AT, LIGHTS, PictureName, split_of
from facerep.rendering.person import sample_person
from facerep.rendering.picture import Relit, develop, margin, own_shift
from facerep.rendering.set_files import COLUMNS, INDEX, RECORDINGS, VIEWS
from facerep.rendering.texture import paint

_SHADOWS = 3
"""Places of a shadow map on a pixel of the picture."""

Row = list[object]
"""One line of the table, in the order of COLUMNS."""


def write_shard(path: Path, assets: Assets, seed: int, person: int, size: int) -> None:
    """Render a person and write the shard, whole or absent; one that is there is replaced."""
    table, pictures = [], []
    for row, picture in render(assets, seed, person, size):
        stored = io.BytesIO()
        Image.fromarray(picture).save(stored, "PNG")
        table.append(row)
        pictures.append((f"{row[0]}.png", stored.getvalue()))
    with (
        replacing(path, overwrite=True) as temporary,
        tarfile.open(temporary, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name, content in [(INDEX, _written(table)), *pictures]:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o600
            tar.addfile(member, io.BytesIO(content))


def render(assets: Assets, seed: int, number: int, size: int) -> Iterator[tuple[Row, np.ndarray]]:
    """All pictures of a person, uint8 (size, size), each with its line of the table."""
    person = sample_person(assets, seed, number)
    painted = paint(assets, person)
    for place, (recording, expression) in enumerate(RECORDINGS.items()):
        head = build(assets, person, painted, expression)
        lit = lighting(head, _SHADOWS * size)
        for view in VIEWS:
            draw = _draw(seed, number, place, view)
            shift = draw.normal(0, 0.7, 2) * size / 64
            camera = Camera(
                view, size, margin(size), scale=float(np.exp(draw.normal(0, 0.025))), roll=float(draw.normal(0, 1.2)),
                shift=(float(shift[0]), float(shift[1])),
            )  # fmt: skip
            relit = Relit(look(head, painted, person, lit, camera), lit, person)
            points, face = camera.pixels(head.points, head.drop), camera.pixels(head.face, head.drop)
            box = np.stack([face.min(axis=0), face.max(axis=0)])
            for light in range(LIGHTS):
                draw = _draw(seed, number, place, view, light)
                moved = own_shift(size, draw)
                picture = develop(relit.light(light), camera, moved, draw)
                name = PictureName(f"{number:03d}", "01", recording, CAMERA_AT[view], f"{light:02d}")
                marks = np.concatenate([points, np.clip(box + moved, 0, size - 1) - moved]) + moved
                row: Row = [
                    str(name), f"{number:03d}", split_of(number), view, light, expression, person.sex,
                    round(person.age), painted.shade,
                    *(f"{value:.3f}" for value in marks.ravel()),
                ]  # fmt: skip
                yield row, picture


def _draw(*place: int) -> np.random.Generator:
    """Random numbers of one place in the set: a part of a set equals that part of the whole."""
    seed, number, expression, view, *light = place
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence([seed, number, expression, view + 90, *(one + 1 for one in light)]))
    )


def _written(table: list[Row]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *table])
    return text.getvalue().encode()


def read_table(path: Path) -> list[list[str]]:
    """The lines of a shard's table, each with the shard's name and where its picture lies: start, bytes, their CRC-32.

    Raises:
        BadInput: it is no whole shard.
    """
    try:
        with tarfile.open(path, mode="r:") as tar:
            members = {member.name: member for member in tar.getmembers()}
        content = memoryview(path.read_bytes())

        def stored(name: str) -> memoryview:
            start = members[name].offset_data
            return content[start : start + members[name].size]

        lines = list(csv.reader(io.StringIO(str(stored(INDEX), "utf-8"), newline="")))
        if not lines or tuple(lines[0]) != COLUMNS:
            raise BadInput("shard has another table", path, "remove it and give --resume")
        found = []
        for line in lines[1:]:
            member = members[f"{line[0]}.png"]
            crc = zlib.crc32(stored(member.name))
            found.append([*line, path.name, str(member.offset_data), str(member.size), str(crc)])
        return found
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        raise BadInput("shard is damaged", path, "remove it and give --resume") from error

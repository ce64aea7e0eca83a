"""A feature folder while it is filled: a part is a feature file, the index says what the vectors of all are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from facerep.extraction.blocks import Blocks
from facerep.extraction.many.parts import PartsFolder
from facerep.extraction.many.tasks import Line
from facerep.files.contract import Contract
from facerep.files.features import FEATURES
from facerep.files.folders.feature_folder import INDEX, is_ours, is_part, part_name, read_index, write_index
from facerep.files.provenance import fingerprint
from facerep.files.unfinished import clear

_BLOCKS = ".part"
"""Ending of the folder of blocks beside a part."""
_WHOLE = ("dataset", "fingerprint")
"""What a part says that the contract of the whole is made of, and that may change when it is gone on with."""


class FeatureParts(PartsFolder):
    """See PartsFolder.

    Args:
        contract: what the vectors of all parts are, apart from data set and fingerprint.
    """

    INDEX, UNFINISHED, FOREIGN = INDEX, "unfinished extraction", "no part of a feature folder"

    def __init__(self, folder: Path, contract: Contract, how: dict[str, Any], *, resume: bool, overwrite: bool) -> None:
        self.contract, self.said = replace(contract, dataset="", fingerprint=""), how
        super().__init__(folder, _same(asdict(contract), how), resume=resume, overwrite=overwrite)

    def name(self, number: int) -> str:
        return part_name(number)

    def is_part(self, name: str) -> bool:
        return is_part(name)

    def may_stand(self, name: str) -> bool:
        return is_ours(name) or is_part(name.removesuffix(_BLOCKS))

    def read(self) -> tuple[list[Line], dict[str, Any], bool]:
        index = read_index(self.folder)
        lines = []
        for name, part in index["parts"].items():
            plain = {key: value for key, value in part.items() if key not in _WHOLE}
            lines.append(Line(part["source"], name, plain, *(part.get(key, "") for key in _WHOLE)))
        return lines, _same(index["contract"], index["how"]), index["complete"]

    def write(self, lines: Sequence[Line], *, complete: bool) -> None:
        prints = [line.fingerprint for line in lines if line.fingerprint]
        sets = dict.fromkeys(line.dataset for line in lines if line.dataset)
        one = prints[0] if len(set(prints)) == 1 else fingerprint(prints)
        self.contract = replace(self.contract, dataset="+".join(sets), fingerprint=one if prints else "")
        parts = {line.name: {**line.part, **{key: getattr(line, key) for key in _WHOLE}} for line in lines}
        clear(self.folder, INDEX)
        write_index(
            self.folder, parts, kind=FEATURES, contract=asdict(self.contract), how=self.said, complete=complete
        )  # fmt: skip

    def make_room(self) -> None:
        """The blocks of parts that were not finished; what else lies there stops the command."""
        for path in self.folder.glob(f"part-*.h5{_BLOCKS}"):
            if is_part(path.name.removesuffix(_BLOCKS)) and path.is_dir():
                output = path.with_name(path.name.removesuffix(_BLOCKS))
                Blocks(output, Contract(), {}, resume=False, overwrite=True, faces=1).remove()

    def settle(self, lines: Sequence[Line]) -> None:  # noqa: ARG002
        self.make_room()


def _same(contract: dict[str, str], how: dict[str, Any]) -> dict[str, Any]:
    """What must be the same to go on."""
    return {**{key: value for key, value in contract.items() if key not in _WHOLE}, **how}

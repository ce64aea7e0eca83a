"""The contract: what made the vectors, and whether others were made in the same way."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path

import h5py

from facerep.errors import Mismatch
from facerep.files.hdf5 import reading


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What made the vectors. "" is unknown.

    Attributes:
        network: catalog row, several joined by "+".
        weights: SHA-256 of the weights, several joined by "+".
        layer: which layer a vector is.
        rule: how the network itself would make bits of its units ("> 0" after a ReLU).
        crop: preset, size and version, such as "points@55x47/1".
        mirror: "none", "concatenate" or "mean": what was done with the mirrored face.
        input: of a network of others, what its pixels were made to be; several joined by "+".
        dataset: which reader found the faces.
        fingerprint: SHA-256 of the faces' names and sizes.
    """

    network: str = ""
    weights: str = ""
    layer: str = ""
    rule: str = ""
    crop: str = ""
    mirror: str = ""
    input: str = ""
    dataset: str = ""
    fingerprint: str = ""

    @property
    def title(self) -> str:
        """Network and layer, as far as they are known."""
        return ", ".join(value for value in (self.network, self.layer) if value)

    def require(self, other: Contract, ours: str | Path, theirs: str | Path) -> None:
        """Refuse to use vectors of one contract as if they were of another.

        Network, weights, layer, crop, mirror rule and input must agree. Unknown agrees with unknown only.

        Raises:
            Mismatch: with the first thing that differs and both sides of it.
        """
        for name in ("network", "weights", "layer", "crop", "mirror", "input"):
            mine, yours = getattr(self, name), getattr(other, name)
            if mine != yours:
                sides = f"{ours} has {shortened(mine)}, {theirs} has {shortened(yours)}"
                unnamed = "" in (mine, yours) and name == "network"
                hint = "name it: facerep import --network" if unnamed else "make both with the same network and crop"
                raise Mismatch(f"{name} differs", sides, hint)


def put_contract(file: h5py.File, contract: Contract) -> None:
    """Write a contract as attributes of a file's root."""
    for key, value in asdict(contract).items():
        file.attrs[key] = value


def get_contract(file: h5py.File) -> Contract:
    """The contract at a file's root; what is not there is unknown."""
    return Contract(**{item.name: reading.attribute(file, item.name) for item in fields(Contract)})


def shortened(value: str) -> str:
    """A value of a contract for messages: of a hash the first digits."""
    if not value:
        return "unknown"
    return value[:12] if len(value) == 64 else value

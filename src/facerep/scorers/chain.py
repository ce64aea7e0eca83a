"""Chains: steps that are fitted one after the other on labelled features or codes, such as `pca:150+joint-bayesian`.

Fitting uses scikit-learn and torch; what is fitted is plain arrays, and using it needs numpy only. Codes enter as
vectors of 0 and 1.
Source: DeepID (CVPR 2014), section 4: PCA to 150 dimensions, then Joint Bayesian.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np

from facerep.codes.binarize import bits_of
from facerep.codes.projection import project
from facerep.console import console
from facerep.errors import BadInput, Mismatch, Usage, refuse_meaningless
from facerep.files.features import Codes, Contract, Features
from facerep.files.people import hashes
from facerep.files.provenance import fingerprint
from facerep.scorers import pca_dimensions
from facerep.scorers.joint_bayesian import ROUNDS, TOLERANCE, JointBayesian, fit_joint_bayesian
from facerep.scorers.pca_dimensions import PcaDimensions
from facerep.scorers.weighted_hamming import WeightedHamming, fit_weighted_hamming

STEPS = ("pca", "lda", "l2", "joint-bayesian", "weighted-hamming")
DEFAULT = "pca+joint-bayesian"
ALL = "all"
"""In the place of a number of dimensions: as many as the features vary in and the faces can fill."""
LONGEST, MOST_OF_LONG = 4096, 512
"""Longer vectors have their first directions found only, by a randomised solver; and how many."""
METRICS = {"joint-bayesian": "joint-bayesian", "weighted-hamming": "hamming"}
"""By the last step of a chain that is fitted on people: the metric that it makes scores for."""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """PCA or LDA, once fitted: directions (x - mean).

    Attributes:
        name: "pca" or "lda".
        mean: shape (d,).
        directions: shape (k, d).
        why: how many of PCA's directions are kept, and why; None where it was read from a file.
    """

    name: str
    mean: np.ndarray
    directions: np.ndarray
    why: PcaDimensions | None = None

    def prepare(self, values: np.ndarray) -> np.ndarray:
        """Rows (n, d) to rows (n, k), float64."""
        return project(values, self.mean, self.directions)


@dataclass(frozen=True)
class UnitLength:
    """Length normalisation: x / |x|; an all-zero row stays as it is."""

    name: str = "l2"

    def prepare(self, values: np.ndarray) -> np.ndarray:
        """Rows (n, d) of length 1, float64."""
        rows = np.ascontiguousarray(values, dtype=np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        return rows / np.where(lengths > 0, lengths, 1.0)[:, None]


Step = Projection | UnitLength | JointBayesian | WeightedHamming


@dataclass(frozen=True, kw_only=True)
class FittedChain:
    """A chain that was fitted, and on what.

    Attributes:
        steps: in the order in which they are applied.
        contract: the network, layer, crop and mirror rule that it accepts.
        dimension: the length of the vectors that it accepts; of codes, their bits.
        rule: of the codes that it accepts; "" where it accepts features.
        faces, people: how many it was fitted on.
        single: how many of the people had one face.
        left_out: faces of unknown people, which were not used.
        fingerprint: SHA-256 of the names and values it was fitted on.
        fitted_people: hashes of the people it was fitted on, see files/people.py; None where no face has a person.
        path: the file it was read from, None where it was just fitted.
    """

    steps: tuple[Step, ...]
    contract: Contract
    dimension: int
    faces: int
    people: int
    rule: str = ""
    single: int = 0
    left_out: int = 0
    fingerprint: str = ""
    fitted_people: np.ndarray | None = None
    path: Path | None = field(default=None)

    @property
    def text(self) -> str:
        """The chain as it is typed, with the numbers that were kept."""
        return "+".join(
            f"{step.name}:{len(step.directions)}" if isinstance(step, Projection) else step.name for step in self.steps
        )

    @property
    def metric(self) -> str:
        """See `metric_of`."""
        return metric_of(self.steps[-1].name)

    @property
    def joint_bayesian(self) -> JointBayesian | None:
        """The last step, where it is Joint Bayesian."""
        last = self.steps[-1]
        return last if isinstance(last, JointBayesian) else None

    @property
    def weighted_hamming(self) -> WeightedHamming | None:
        """The only step, where it is weights of bits."""
        last = self.steps[-1]
        return last if isinstance(last, WeightedHamming) else None

    @property
    def kept(self) -> int:
        """The dimension after the last projection."""
        return next((len(step.directions) for step in self.steps[::-1] if isinstance(step, Projection)), self.dimension)

    @property
    def why(self) -> PcaDimensions | None:
        """What chose the number of directions of the last PCA; None where there is none, or it was read from a file."""
        return next((step.why for step in self.steps[::-1] if isinstance(step, Projection) and step.why), None)

    def require(self, rows: Features | Codes) -> None:
        """Refuse rows that it was not fitted for: vectors for codes, or another contract, rule or length.

        Raises:
            Mismatch: with both sides.
        """
        ours = self.path or "scorer"
        self.contract.require(rows.contract, ours, rows.where)
        codes = isinstance(rows, Codes)
        if codes != bool(self.rule):
            sides = f"{ours} takes {_kind(not codes)}, {rows.where} holds {_kind(codes)}"
            raise Mismatch("codes and vectors differ", sides, "fit again on such rows, or run facerep binarize --like")
        length = rows.bits if codes else rows.dimension
        if self.dimension != length:
            sides = f"{ours} takes {self.dimension}, {rows.where} has {length}"
            hint = "make the codes with --like" if codes else "fit again on features of the same network"
            raise Mismatch("dimension differs", sides, hint)
        if codes and self.rule != rows.rule:
            sides = f"{ours} takes {self.rule[:12]}, {rows.where} has {rows.rule[:12]}"
            raise Mismatch("rule of the bits differs", sides, "make the codes with `facerep binarize --like` those")

    def prepare(self, rows: Features | Codes | np.ndarray) -> np.ndarray:
        """Rows as the scorer at the end of the chain takes them, each row by itself; vectors, or codes as 0 and 1."""
        values = rows if isinstance(rows, np.ndarray) else _values(rows)
        for step in self.steps:
            values = step.prepare(values)
        return values

    def to_dict(self) -> dict[str, Any]:
        """What `fit` reports."""
        found: dict[str, Any] = {
            "chain": self.text,
            "people": self.people,
            "people_with_one_face": self.single,
            "faces": self.faces,
            "faces_of_unknown_people": self.left_out,
            "takes": _kind(bool(self.rule)),
            "dimension": self.dimension,
            "dimension_kept": self.kept,
        }
        if weighted := self.weighted_hamming:
            found |= {
                "pairs": {"genuine": weighted.genuine, "impostor": weighted.impostor},
                "weights": {"largest": float(weighted.weights.max()), "zero": int((weighted.weights == 0).sum())},
            }
        model = self.joint_bayesian
        if model is not None:
            found |= {
                "rounds": model.rounds,
                "converged": model.converged,
                "rounds_that_fell": model.falls,
                "log_likelihood": {"first": model.likelihoods[0], "last": model.likelihoods[-1]},
            }
        return found


Number = int | Literal["all"] | None
"""How many dimensions a step is asked to keep; None where it is to choose."""


def parse(text: str) -> list[tuple[str, Number]]:
    """The steps of a chain and how many dimensions each is asked to keep.

    Raises:
        Usage: no such step (with the nearest name), a number where none belongs, joint-bayesian not at the end, or
            weighted-hamming not alone.

    >>> parse("pca:150+joint-bayesian")
    [('pca', 150), ('joint-bayesian', None)]
    """
    steps: list[tuple[str, Number]] = []
    for part in text.split("+"):
        name, mark, number = part.strip().partition(":")
        if name not in STEPS:
            near = get_close_matches(name, STEPS, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(STEPS)}"
            raise Usage(f"no step {name!r} in chain {text!r}", hint=hint)
        if (name, number) == ("pca", ALL):
            steps.append((name, ALL))
            continue
        if mark and (name not in ("pca", "lda") or not number.isdecimal() or int(number) < 1):
            raise Usage(
                f"step {part!r} of chain {text!r} takes no such number", hint="pca:150, pca:all and lda:50 are examples"
            )
        steps.append((name, int(number) if mark else None))
    if any(name == "joint-bayesian" for name, _ in steps[:-1]):
        raise Usage(f"joint-bayesian is the last step of a chain, not of {text!r}")
    if len(steps) > 1 and any(name == "weighted-hamming" for name, _ in steps):
        raise Usage(f"weighted-hamming weighs bits as they are, it stands alone and not in {text!r}")
    return steps


def metric_of(last_step: str) -> str:
    """The metric of a chain by its last step; of projections alone cosine, though they may be compared by others.

    >>> metric_of("joint-bayesian"), metric_of("weighted-hamming"), metric_of("pca")
    ('joint-bayesian', 'hamming', 'cosine')
    """
    return METRICS.get(last_step, "cosine")


def looks_like_chain(text: str) -> bool:
    """True where `text` is meant as a chain, rightly spelt or not, and not as a file."""
    return not Path(text).suffix and ("+" in text or text.partition(":")[0] in STEPS)


def fit_chain(
    tables: Sequence[Features | Codes],
    chain: str = DEFAULT,
    *,
    components: int | None = None,
    rounds: int | None = None,
    tolerance: float = TOLERANCE,
    m_step: Literal["exact", "published"] | None = None,
    device: object = "cpu",
    seed: int = 0,
) -> FittedChain:
    """Fit the steps of a chain, each on what the steps before it give.

    Args:
        tables: features of one contract, or codes of one contract and rule; where a step needs people, faces of
            unknown people are left out.
        chain: steps joined by "+".
        components: how many dimensions `pca` keeps, where the chain does not say. Left out, before Joint Bayesian
            people who are held out choose, else 95 % of the variance are kept.
        rounds, tolerance, m_step, device: of Joint Bayesian; at most 500 rounds, and the exact M-step, if left out.
        seed: of PCA on very long vectors, which is randomised, and of the pairs that weights are learned from.

    Raises:
        Usage: see `parse`; `components` without a pca step that could take them; rounds or an M-step without Joint
            Bayesian; weights of bits of vectors.
        BadInput: no known people, or too few faces for a step.
        Mismatch: the tables have different contracts.
    """
    plan: list[tuple[str, Number]] = parse(chain)
    if plan[-1][0] != "joint-bayesian":
        why = f"for the chain {chain}, which has no joint-bayesian"
        refuse_meaningless({"--rounds": rounds, "--m-step": m_step}, why)
    if components is not None:
        if ("pca", None) not in plan:
            raise Usage(f"--components is for a pca step without a number, chain is {chain!r}")
        plan = [(name, components if (name, number) == ("pca", None) else number) for name, number in plan]
    if plan[0][0] == "weighted-hamming" and not isinstance(tables[0], Codes):
        raise Usage(f"weighted-hamming weighs bits, {tables[0].where} holds vectors", hint="run facerep binarize first")
    features, rule, left_out = *_join(tables), 0
    if plan[-1][0] in METRICS or any(name == "lda" for name, _ in plan):
        known = features.people != ""
        if not known.any():
            raise BadInput("no person is known", features.where, f"chain {chain} is fitted on labelled faces")
        left_out = int((~known).sum())
        features = features.take(known) if left_out else features
    counts = np.unique(features.people[features.people != ""].astype(str), return_counts=True)[1]
    # what lies within people has a dimension for each face less one for each person
    room = len(features) - len(counts) if plan[-1][0] == "joint-bayesian" else len(features) - 1
    try:
        options = {"rounds": rounds or ROUNDS, "tolerance": tolerance, "m_step": m_step or "exact", "device": device}
        steps = _fit_steps(plan, features.values, features.people, room, seed, **options)
    except BadInput as error:
        raise BadInput(error.what, features.where, error.hint) from error
    if isinstance(last := steps[-1], JointBayesian) and not last.converged:
        moved = f"the last of {last.rounds} rounds still moved the log-likelihood by {abs(last.gain):.3g}"
        console.warn(f"Joint Bayesian has not converged: {moved}; give --rounds more, or keep fewer dimensions")
    return FittedChain(
        steps=tuple(steps),
        contract=features.contract,
        dimension=features.dimension,
        rule=rule,
        faces=len(features),
        people=len(counts),
        single=int((counts == 1).sum()),
        left_out=left_out,
        fitted_people=hashes(features.people) if len(counts) else None,
        fingerprint=fingerprint([*features.names, sha256(np.ascontiguousarray(features.values).data).hexdigest()]),
    )


def _fit_steps(
    plan: Sequence[tuple[str, Number]], values: np.ndarray, people: np.ndarray, room: int, seed: int, **options: Any
) -> list[Step]:
    steps: list[Step] = []
    for place, (name, number) in enumerate(plan):
        if name == "joint-bayesian":
            steps.append(fit_joint_bayesian(values, people, **options))
            break
        if name == "weighted-hamming":
            steps.append(fit_weighted_hamming(values, people, seed=seed))
            break
        if name == "l2":
            step = UnitLength()
        elif name == "lda":
            assert number != ALL
            step = _fit_lda(values, people, number)
        else:
            step = _fit_pca(values, number, room, seed)
            if number is None:
                step = _chosen(step, plan[place + 1 :], values, people, room, seed, options)
        steps.append(step)
        values = step.prepare(values)
    return steps


def _chosen(
    whole: Projection, then: Sequence[tuple[str, Number]], values: np.ndarray, people: np.ndarray, room: int,
    seed: int, options: dict[str, Any],
) -> Projection:  # fmt: skip
    """Of a PCA that has all directions, those that are worth keeping for what follows."""
    assert whole.why is not None
    shares = whole.why.shares
    if not then or then[-1][0] != "joint-bayesian":
        kept = pca_dimensions.by_variance(shares, room)
    else:

        def fit(some: np.ndarray, of: np.ndarray) -> Callable[[int], Callable[[np.ndarray], np.ndarray]]:
            first = _fit_pca(some, None, len(some), seed)
            rows = first.prepare(some)
            return lambda number: scores_of(number, first, rows[:, :number], of)

        def scores_of(
            number: int, first: Projection, rows: np.ndarray, of: np.ndarray
        ) -> Callable[[np.ndarray], np.ndarray]:
            steps = _fit_steps(then, rows, of, len(rows), seed, **options)
            model = steps[-1]
            assert isinstance(model, JointBayesian)

            def scores(others: np.ndarray) -> np.ndarray:
                others = first.prepare(others)[:, :number]
                for step in steps:
                    others = step.prepare(others)
                return model.matrix(others, others)

            return scores

        kept = pca_dimensions.by_people(values, people, shares, room, fit, seed=seed)
    return replace(whole, directions=whole.directions[: kept.number], why=kept)


def _join(tables: Sequence[Features | Codes]) -> tuple[Features, str]:
    """Several files as one, rows below each other, codes as vectors of 0 and 1; and the rule of the codes."""
    first = tables[0]
    for other in tables[1:]:
        _same(first, other)
    if len(tables) == 1 and isinstance(first, Features):
        return first, ""
    names = np.concatenate([table.names for table in tables])
    if len(set(names)) != len(names):
        raise BadInput("a face stands in more than one file", ", ".join(table.where for table in tables))
    features = Features(
        names=names,
        people=np.concatenate([table.people for table in tables]),
        values=np.concatenate([_values(table) for table in tables]),
        contract=first.contract,
        path=first.path,
    )
    return features, first.rule if isinstance(first, Codes) else ""


def _same(first: Features | Codes, other: Features | Codes) -> None:
    """Refuse two files that cannot be fitted on together."""
    if isinstance(first, Codes) and isinstance(other, Codes):
        first.require(other)
        return
    first.contract.require(other.contract, first.where, other.where)
    if isinstance(first, Codes) or isinstance(other, Codes):
        kinds = [_kind(isinstance(table, Codes)) for table in (first, other)]
        sides = f"{first.where} holds {kinds[0]}, {other.where} holds {kinds[1]}"
        raise Mismatch("codes and vectors differ", sides, "give files of one kind")
    if other.dimension != first.dimension:
        sides = f"{first.where} has {first.dimension}, {other.where} has {other.dimension}"
        raise Mismatch("dimension differs", sides, "make both with the same network and crop")


def _values(rows: Features | Codes) -> np.ndarray:
    return bits_of(rows) if isinstance(rows, Codes) else rows.values


def _kind(codes: bool) -> str:
    return "codes" if codes else "vectors"


def _fit_pca(values: np.ndarray, number: Number, room: int, seed: int) -> Projection:
    """As many principal directions as are asked for; where no number is, all that there are."""
    from sklearn.decomposition import PCA

    n, d = values.shape
    most, long = min(n - 1, d), d > LONGEST
    asked = number if isinstance(number, int) else min(most, MOST_OF_LONG) if long else most
    if not 1 <= asked <= most:
        raise BadInput(
            f"pca cannot keep {max(asked, 1)} dimensions of {n} faces with {d} dimensions",
            hint=f"ask for {most} or less",
        )
    mean = values.mean(axis=0, dtype=np.float64)
    # centred before scikit-learn sees it: its covariance would lose digits to a large mean
    centred = values - (mean.astype(np.float32) if long else mean)
    solver = "randomized" if long else "covariance_eigh" if n > d else "full"
    found = PCA(n_components=asked, svd_solver=solver, random_state=seed).fit(centred)
    variances = found.explained_variance_
    rank = int((variances > 1e-10 * max(variances[0], 0.0)).sum())
    if rank == 0 or (isinstance(number, int) and rank < asked):
        raise BadInput(f"features vary in {rank} dimensions only, pca was asked for {asked}", hint="ask for fewer")
    shares = np.cumsum(found.explained_variance_ratio_)[:rank]
    kept = min(rank, max(room, 1)) if number == ALL else rank
    directions = np.asarray(found.components_, np.float64)[:kept]
    return Projection(name="pca", mean=mean, directions=directions, why=PcaDimensions(kept, shares[:kept]))


def _fit_lda(values: np.ndarray, people: np.ndarray, number: int | None) -> Projection:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    labels = people.astype(str)
    classes = len(np.unique(labels))
    most = min(classes - 1, values.shape[1])
    asked = number or most
    if classes < 2 or classes >= len(values) or asked > most:
        what = f"lda cannot keep {asked or 1} dimensions of {len(values)} faces of {classes} people"
        raise BadInput(what, hint=f"at most {max(most, 0)}; some people need two faces")
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Variables are collinear"
        )  # those directions are left out, as they should
        found = LinearDiscriminantAnalysis(solver="svd").fit(np.asarray(values, np.float64), labels)
    directions = np.asarray(found.scalings_).T[:asked]
    return Projection(name="lda", mean=found.xbar_, directions=np.ascontiguousarray(directions))

"""Identification results of several systems and seeds in one table."""

import json

import numpy as np
import pytest

from facerep.errors import BadInput, Usage
from facerep.files.rows import Features
from facerep.report.identification.identification import FILES, report_of
from facerep.report.target import Target
from facerep.results.figures import Rate, Spread
from facerep.studies.identification.identify import identify
from facerep.studies.identification.side_by_side import compare

VIEWS = ("-30", "-15", "0", "15", "30")


def faces(noise, seed, people=12, lights=3):
    rng = np.random.default_rng(seed)
    rows = [
        (f"p{person:02d}", view, str(light)) for person in range(people) for view in VIEWS for light in range(lights)
    ]
    who, view, light = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
    centres = np.random.default_rng(7).normal(size=(people, 6))[np.unique(who, return_inverse=True)[1]]
    values = centres + noise * rng.normal(size=centres.shape)
    names = np.array(["_".join(cells) for cells in rows], dtype=object)
    return Features(values=values.astype(np.float32), names=names, people=who, labels={"view": view, "light": light})


def put(folder, noise, seed=0, **asked):
    asked = {"gallery": ("view=0", "light=0"), "by": "view", **asked}
    result = identify(faces(noise, seed), **asked)
    Target(folder, FILES, overwrite=False, json=True).deliver(report_of(result))
    return result.lists[0].trials[0]


def test_systems_are_rows_and_seeds_of_one_are_a_mean_with_its_deviation(tmp_path):
    raw = put(tmp_path / "raw", 1.2)
    seeds = [put(tmp_path / "net" / f"seed{seed}", 0.6, seed + 1) for seed in range(3)]
    found = compare([tmp_path / "raw", *(tmp_path / "net" / f"seed{seed}" for seed in range(3))])
    assert found.values == ("0", "-15", "15", "-30", "30")
    assert found.counts == (24, 36, 36, 36, 36)
    assert (found.people, found.probes, found.column, found.gallery) == (12, 168, "view", "view=0,light=0")
    first, second = found.rows
    assert (first.name, first.seeds, second.name, second.seeds) == ("raw", 1, "net", 3)
    assert first.overall == raw.ranks[0].rate
    assert first.by == tuple(at.rate for at in raw.by.values)
    overall = [trial.ranks[0].rate.value for trial in seeds]
    assert isinstance(second.overall, Spread)
    assert (second.overall.mean, second.overall.standard_deviation) == pytest.approx(
        (np.mean(overall), np.std(overall, ddof=1))
    )
    at_30 = [trial.by.values[-1].rate.value for trial in seeds]
    assert second.by[-1].mean == pytest.approx(np.mean(at_30))
    # the difference is that of the means, with an interval by person; so is the interval of one system
    assert first.over_above is None
    assert second.over_above.value == pytest.approx(np.mean(overall) - raw.ranks[0].rate.value)
    assert second.over_above.significant
    assert second.over_above.interval == "Student, variance adjusted for shared people"
    assert (first.interval.low, first.interval.high) == pytest.approx((first.overall.low, first.overall.high), abs=1e-9)
    assert second.interval.value == pytest.approx(second.overall.mean)


def test_systems_of_one_folder_name_get_their_parents_and_ranks_may_be_absent(tmp_path):
    for folder in ("a/lda", "b/lda"):
        put(tmp_path / folder, 0.5)
    (tmp_path / "b" / "lda" / "ranks.csv").unlink()
    found = compare([tmp_path / "a" / "lda", tmp_path / "b" / "lda"])
    assert [row.name for row in found.rows] == ["a/lda", "b/lda"]
    assert found.rows[1].interval is None
    assert found.rows[1].over_above is None
    assert isinstance(found.rows[1].overall, Rate)


def test_a_system_that_lacks_a_few_probes_is_compared_on_those_of_both(tmp_path):
    """Such as one whose crop of a part of the face cannot be cut of some pictures."""
    for folder, lost in (("whole", 0), ("fewer", 1)):
        some = faces(0.8, 3, people=30, lights=5)
        gone = np.flatnonzero(some.labels["view"] == "30")[:lost]
        kept = some.take(np.setdiff1d(np.arange(len(some)), gone))
        result = identify(kept, gallery=("view=0", "light=0"), by="view")
        Target(tmp_path / folder, FILES, overwrite=False, json=True).deliver(report_of(result))
    found = compare([tmp_path / "whole", tmp_path / "fewer"])
    assert found.rows[1].over_above is not None
    assert found.rows[1].over_above.value == 0
    assert found.warnings == ("fewer: 719 probes, the first has 720; differences are over the probes of both",)


def test_results_of_different_plans_are_refused(tmp_path):
    put(tmp_path / "one", 0.5)
    put(tmp_path / "other", 0.5, gallery=("view=15", "light=0"))
    put(tmp_path / "fewer", 0.5, probes=("view!=30",))
    put(tmp_path / "light", 0.5, by="light")
    put(tmp_path / "plain", 0.5, by=None)
    for name in ("other", "fewer", "light"):
        with pytest.raises(BadInput, match="judged by another plan") as refused:
            compare([tmp_path / "one", tmp_path / name])
        assert str(tmp_path / name) in str(refused.value)
    with pytest.raises(BadInput, match="not by a label") as refused:
        compare([tmp_path / "plain"])
    assert "--by" in refused.value.hint
    with pytest.raises(Usage, match="given twice"):
        compare([tmp_path / "one", tmp_path / "one"])
    two = json.loads((tmp_path / "one" / "result.json").read_text())
    two["lists"] *= 2
    (tmp_path / "one" / "result.json").write_text(json.dumps(two))
    with pytest.raises(BadInput, match="several lists"):
        compare([tmp_path / "one"])

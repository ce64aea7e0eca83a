"""`facerep report` as a user runs it, on results that `verify` wrote."""

import numpy as np

from facerep.files.features import Features, write_features
from facerep.files.unfinished import visible


def test_report_puts_results_side_by_side_and_draws_them(here, tmp_path):
    rng = np.random.default_rng(0)
    people = np.repeat([f"p{k}" for k in range(8)], 5).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    for name, noise in (("good", 0.5), ("bad", 2.0)):
        values = np.repeat(rng.normal(size=(8, 16)), 5, axis=0) + noise * rng.normal(size=(40, 16))
        features = Features(values=values.astype(np.float32), names=names, people=people)
        write_features(features, tmp_path / f"{name}.h5")
        assert here("verify", f"{name}.h5", "--output", name, "--far", "0.1").code == 0
    run = here("report", "bad", "good/result.json", "--output", "both")
    assert run.code == 0
    assert "order of the rows is not significant" in run.stdout
    assert "good" in run.stdout
    assert sorted(path.name for path in visible((tmp_path / "both").iterdir())) == [
        "comparison.json",
        "roc.png",
        "roc.svg",
    ]
    assert here("report", "bad", "--json").json["rows"][0]["name"] == "bad"
    absent = here("report", "nowhere")
    assert absent.code == 1
    assert "cannot read" in absent.stderr
    (tmp_path / "units").mkdir()
    (tmp_path / "units" / "result.json").write_text('{"format": "facerep/units"}')
    for results, words in (
        (("units",), "results of units are not put side by side: units; give -o NAME.html"),
        (
            ("good", "attributes"),
            "results are of two kinds: verification and attributes: attributes; give -o NAME.html",
        ),
    ):
        (tmp_path / "attributes").mkdir(exist_ok=True)
        (tmp_path / "attributes" / "result.json").write_text('{"format": "facerep/attributes", "version": 1}')
        refused = here("report", *results)
        assert (refused.code, refused.stdout) == (1, "")
        assert words in refused.stderr

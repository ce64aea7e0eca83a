"""`facerep report` as a user runs it, on results that `verify` wrote."""

import numpy as np

from facerep.files.features import Features, write_features


def test_report_puts_results_side_by_side_and_draws_them(facerep, tmp_path):
    rng = np.random.default_rng(0)
    people = np.repeat([f"p{k}" for k in range(8)], 5).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    for name, noise in (("good", 0.5), ("bad", 2.0)):
        values = np.repeat(rng.normal(size=(8, 16)), 5, axis=0) + noise * rng.normal(size=(40, 16))
        features = Features(values=values.astype(np.float32), names=names, people=people)
        write_features(features, tmp_path / f"{name}.h5")
        assert facerep("verify", f"{name}.h5", "--output", name, "--far", "0.1").code == 0
    run = facerep("report", "bad", "good/result.json", "--output", "both")
    assert run.code == 0
    assert "order of the rows is not significant" in run.stdout
    assert "good" in run.stdout
    assert sorted(path.name for path in (tmp_path / "both").iterdir()) == [
        "comparison.json",
        "roc.png",
        "roc.svg",
    ]
    assert facerep("report", "bad", "--json").json["rows"][0]["name"] == "bad"
    absent = facerep("report", "nowhere")
    assert absent.code == 1
    assert "cannot read" in absent.stderr

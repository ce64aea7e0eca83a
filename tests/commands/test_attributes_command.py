"""`facerep attributes` as a user runs it."""

from __future__ import annotations

import csv
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image

from facerep.errors import Usage
from facerep.files.contract import Contract
from facerep.files.features import read_features, write_features
from facerep.files.rows import Features
from facerep.files.unfinished import visible
from facerep.readers.hash_splits import by_share
from facerep.studies.attributes.fit import SvmChoice, fit_attributes
from facerep.studies.attributes.labelling import AttributeChoice
from facerep.studies.attributes.model_file import predict

CONTRACT = Contract(network="deepid2", weights="0" * 64, layer="feature", crop="loose@55x47/1", mirror="mean")
SCHEMA = Path(__file__).parents[2] / "docs" / "attributes.schema.json"


def write_faces(path: Path, people: int = 60, *, seed: int = 0, known: bool = True) -> Path:
    """A feature file of people with three faces each; two attributes that show, and one that nobody has."""
    draw = np.random.default_rng(seed)
    n = 3 * people
    values = draw.normal(size=(n, 8)).astype(np.float32)
    labels = {
        "Male": np.where(values[:, 0] + 0.3 * draw.normal(size=n) > 0, 1, -1),
        "Smiling": np.where(values[:, 1] + draw.normal(size=n) > 0.3, 1, -1), "Bald": np.full(n, -1),
    }  # fmt: skip
    who = np.repeat([f"p{person}" if known else "" for person in range(people)], 3).astype(object)
    names = np.array([f"set/{row:06d}.jpg" for row in range(n)], object)
    labels = {name: column.astype(np.int8) for name, column in labels.items()}
    write_features(Features(names=names, people=who, labels=labels, values=values, contract=CONTRACT), path)
    return path


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return write_faces(tmp_path / "feats.h5")


def test_fit_judge_and_answer_for_new_faces(here, faces: Path, tmp_path: Path) -> None:
    run = here("attributes", "fit", faces, "-o", "out")
    assert run.code == 0, run.stderr
    assert "1 of 3 attributes are left out: Bald (no yes in train)" in run.stderr
    assert "is not known: name its run with --run" in run.stderr
    for words in ("Male", "Smiling", "mean of 2", "over the majority guess", "DeepID2 features directly: 84"):
        assert words in run.stdout
    assert max(map(len, run.stdout.splitlines()[:6])) <= 80
    names = {path.name for path in visible((tmp_path / "out").iterdir())}
    assert names == {
        "attributes.h5", "result.json", "predictions.csv", "attributes.csv", "attributes.png", "attributes.svg",
        "command.json",
    }  # fmt: skip
    told = json.loads((tmp_path / "out" / "result.json").read_text())
    jsonschema.validate(told, json.loads(SCHEMA.read_text()))
    with (tmp_path / "out" / "predictions.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {by_share(row["person"]) for row in rows} == {"test"}
    right = sum((float(row["Male"]) > 0) == (row["label:Male"] == "1") for row in rows)
    assert told["attributes"][0]["accuracy"]["count"] == right

    write_faces(tmp_path / "new.h5", 4, seed=1)
    new = here("attributes", "predict", "new.h5", "out", "-o", "new.csv")
    assert new.code == 0, new.stderr
    assert new.stdout.startswith("set/000000.jpg: ")
    assert len(new.stdout.splitlines()) == 12
    with (tmp_path / "new.csv").open(newline="") as stream:
        table = list(csv.DictReader(stream))
    assert list(table[0]) == ["face", "Male", "Smiling"]
    shown = {line.partition(": ")[0]: line.partition(": ")[2].split(", ") for line in new.stdout.splitlines()}
    assert all((float(row["Male"]) > 0) == ("Male" in shown[row["face"]]) for row in table)
    many = here("attributes", "predict", faces, "out/attributes.h5", "--attributes", "Male", "--json")
    assert [list(face["scores"]) for face in json.loads(many.stdout)["faces"]] == [["Male"]] * 180
    summary = here("attributes", "predict", faces, "out")
    assert "180 faces, by out/attributes.h5" in summary.stdout


def test_results_side_by_side(here, faces: Path, tmp_path: Path) -> None:
    for folder, more in (("one", ()), ("two", ("--balanced", "--cost", "0.001,0.01"))):
        assert here("attributes", "fit", faces, "-o", folder, *more).code == 0
    run = here("report", "one", "two", "-o", "both")
    assert run.code == 0, run.stderr
    assert "majority guess" in run.stdout
    assert max(map(len, run.stdout.splitlines()[:8])) <= 80
    told = json.loads((tmp_path / "both" / "comparison.json").read_text())
    assert [row["name"] for row in told["rows"]] == ["majority guess", "one", "two"]
    assert len(told["differences"]) == 3
    assert [told["rows"][0]["balanced"][end] for end in ("value", "low", "high")] == [0.5, 0.5, 0.5]
    values = {row["name"]: row["accuracy"]["value"] for row in told["rows"]}
    for pair in told["differences"]:
        assert pair["accuracy"]["value"] == pytest.approx(values[pair["second"]] - values[pair["first"]])
    alone = json.loads((tmp_path / "one" / "result.json").read_text())
    assert values["one"] == pytest.approx(alone["mean"]["accuracy"]["value"])
    assert values["majority guess"] == pytest.approx(alone["mean"]["majority"]["value"])
    assert here("report", "one", "two", "-o", "both").error.startswith("error: output exists")
    absent = here("report", "one", "three")
    assert (absent.code, "three/result.json; name the folder that --output wrote" in absent.error) == (1, True)
    for folder in ("one", "two"):  # the folder of a network that was taught attributes is a run, too
        (tmp_path / folder / "model.safetensors").touch()
    assert here("report", "one", "two").stdout == run.stdout
    told_by_report = here("report", "one", "two/result.json", "-o", "again")
    assert (told_by_report.code, told_by_report.stdout) == (0, run.stdout)
    again = (tmp_path / "again" / "comparison.json").read_bytes()
    assert again == (tmp_path / "both" / "comparison.json").read_bytes()


def test_labels_of_a_list_and_a_split_by_a_column(here, faces: Path, tmp_path: Path) -> None:
    lines = [f"{row:06d}.jpg,{'f' if row % 2 else 'm'},{row % 3 // 2}" for row in range(179)]
    (tmp_path / "labels.csv").write_text("file,sex,hat\n" + "\n".join(lines) + "\n", encoding="utf-8")
    stopped = here("attributes", "fit", faces, "--labels", "labels.csv")
    assert stopped.code == 1
    assert "labels miss 1 of 180 faces (set/000179.jpg): labels.csv; give --missing count" in stopped.stderr
    asked = ("--attributes", "sex=m,hat", "--missing", "count")
    run = here("attributes", "fit", faces, "--labels", "labels.csv", *asked, "--json")
    assert run.code == 0, run.stderr
    assert [row["name"] for row in json.loads(run.stdout)["attributes"]] == ["sex=m", "hat"]
    assert "1 of 180 faces have no label" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (
            ("fit", "feats.h5", "--attributes", "Smilling"), 1,
            "no attribute 'Smilling': feats.h5; did you mean Smiling?",
        ),
        (
            ("fit", "feats.h5", "--attributes", "Bald"), 1,
            "no attribute has both answers in each part (Bald: no yes in train): feats.h5",
        ),
        (
            ("fit", "feats.h5", "--split-by", "partition"), 1,
            "no column 'partition' to split by: feats.h5; there are: people, Bald, Male, Smiling",
        ),
        (
            ("fit", "feats.h5", "--labels", "absent.txt"), 1,
            "cannot be read (No such file or directory): absent.txt",
        ),
        (("fit", "feats.h5", "--cost", "0"), 2, "--cost wants numbers above 0 with commas between, got '0'"),
        (("fit", "feats.h5", "--cost", "1,x"), 2, "--cost wants numbers above 0 with commas between, got '1,x'"),
        (("fit", "feats.h5", "--crop", "lfw"), 2, "--crop means nothing without --hog"),
        (("fit", "feats.h5", "--missing", "count"), 2, "--missing means nothing without --labels"),
        (
            ("fit", "feats.h5", "--attributes", ","), 2,
            "--attributes names none; name some with commas between, or leave it out for all",
        ),
        (
            ("fit", "faces/faces.csv", "--hog", "--run", "absent"), 2,
            "--run means nothing beside --hog, which has seen nobody before",
        ),
        (("fit", "--hog"), 2, "--hog needs a data set; name its folder or table"),
        (
            ("fit", "faces"), 2,
            "faces is a folder, a feature file is wanted; extract features first, or give --hog, "
            "or teach a network by `facerep attributes teach`",
        ),
        (
            ("fit", "feats.h5", "other.h5"), 2,
            "one feature file is wanted, 2 were named; extract all faces into one file",
        ),
        (
            ("fit", "nobody.h5"), 1,
            "no face has a known person, a split by people needs them: nobody.h5; "
            "give people by `facerep import --people`, or a column by --split-by",
        ),
        (
            ("teach", "faces", "-o", "o"), 2,
            "attributes teach needs --scratch or --fine-tune; give one of them",
        ),
        (
            ("teach", "faces", "-o", "o", "--scratch", "deepid2", "--fine-tune", "bundled"), 2,
            "attributes teach takes --scratch or --fine-tune, not both; give one of them",
        ),
        (
            ("teach", "faces", "--scratch", "deepid2"), 2,
            "missing option '--output' / '-o'; see `facerep attributes teach --help`",
        ),
        (
            ("teach", "faces", "--scratch", "deepid9", "-o", "o"), 2,
            "no network 'deepid9' in the catalog; did you mean deepid2?",
        ),
        (
            ("teach", "faces", "--scratch", "deepid2", "-o", "o", "--set", "seed.x=1"), 2,
            "recipe key `seed`: input should be a valid integer (found {'x': 1})",
        ),
        (
            ("teach", "faces/faces.csv", "--scratch", "deepid2", "-o", "o", "--run", "absent"), 2,
            "--run means nothing beside --scratch, which has seen nobody before",
        ),
        (("predict", "feats.h5", "out"), 1, "no such file: out"),
        (("predict", "feats.h5"), 2, "missing argument 'RESULT'; see `facerep attributes predict --help`"),
    ],
)  # fmt: skip
def test_what_attributes_cannot_do_is_one_line(here, tmp_path: Path, arguments, code: int, error: str) -> None:
    draw_people(tmp_path / "faces", 2)
    write_faces(tmp_path / "feats.h5")
    write_faces(tmp_path / "nobody.h5", known=False)
    run = here("attributes", *arguments)
    assert (run.code, run.stdout, run.error) == (code, "", f"error: {error}")


@pytest.mark.parametrize(
    ("before", "today"),
    [
        (("feats.h5", "-o", "out"), "`facerep attributes fit FEATURES`"),
        (("--balanced", "feats.h5"), "`facerep attributes fit FEATURES`"),
        (("faces", "--hog"), "`facerep attributes fit DATASET --hog`"),
        (("faces", "--scratch", "deepid2"), "`facerep attributes teach DATASET --scratch NETWORK -o FOLDER`"),
        (("faces", "--fine-tune=bundled"), "`facerep attributes teach DATASET --fine-tune RUN -o FOLDER`"),
        (("new.h5", "--predict", "out"), "`facerep attributes predict FEATURES RESULT`"),
    ],
)
def test_a_form_of_before_is_answered_with_that_of_today(here, before, today: str) -> None:
    run = here("attributes", *before)
    said = f"error: attributes wants one of its commands: fit, teach, predict; give {today}"
    assert (run.code, run.stdout, run.error) == (2, "", said)


def test_results_to_compare_are_answered_with_report(here, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "result.json").touch()
    assert here("attributes", "one", "two").error.endswith("; to compare results give `facerep report RESULT RESULT`")
    assert here("attributes", "fitt", "feats.h5").error == ("error: no such command 'fitt'; did you mean 'fit'?")


def test_python_refuses_what_the_command_refuses(faces: Path, tmp_path: Path) -> None:
    features = read_features(faces)
    with pytest.raises(Usage, match="--missing means nothing without --labels"):
        AttributeChoice(missing="count")
    with pytest.raises(Usage, match="--attributes names none"):
        AttributeChoice(attributes=())
    for costs in ((), (0.1, 0.0), (float("nan"),), (float("inf"),)):
        with pytest.raises(Usage, match="--cost wants numbers above 0 with commas between"):
            SvmChoice(costs)
    with pytest.raises(Usage, match="--run means nothing beside --hog"):
        fit_attributes(features, AttributeChoice(), run=tmp_path, kind="hog")
    model, _ = fit_attributes(features, AttributeChoice(), svms=SvmChoice((0.1,)))
    with pytest.raises(Usage, match="--attributes names none"):
        predict(features, model, [])


def draw_people(root: Path, people: int = 24) -> Path:
    """A folder of people with three pictures each and a table of them: even people are bright ones."""
    lines = ["path,person,Bright,split"]
    for person in range(people):
        side = ("train", "train", "train", "val", "test", "test")[person % 6]
        for picture in range(3):
            path = root / f"{person}-{picture}.png"
            path.parent.mkdir(exist_ok=True)
            bright = person // 6 % 2
            noise = np.random.default_rng((person, picture)).integers(0, 90, (64, 64, 3)) + 90 * bright
            Image.fromarray(noise.astype(np.uint8)).save(path)
            lines.append(f"{path.name},p{person},{1 if bright else -1},{side}")
    (root / "faces.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root / "faces.csv"


def test_hog_scratch_and_fine_tuned_go_the_same_way(here, tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    table = draw_people(tmp_path / "faces")
    short = ("--epochs", 2, "--workers", 0, "--set", "data.batch_size=8")
    for folder, form in (
        ("hog", ("fit", table, "--hog", "--workers", 0)),
        ("scratch", ("teach", table, "--scratch", "deepid-31x31", *short)),
        ("fine", ("teach", table, "--fine-tune", "scratch", *short)),
    ):  # fmt: skip
        run = here("attributes", *form, "--crop", "loose", "-o", folder)
        assert run.code == 0, run.stderr
        assert "Bright" in run.stdout
    assert "epoch 2/2  attributes" in run.stderr
    assert json.loads((tmp_path / "scratch" / "result.json").read_text())["kind"] == "scratch"
    fine = json.loads((tmp_path / "fine" / "result.json").read_text())
    assert fine["seen_by_network"] == {"by": "people.txt", "test_people": 0}
    assert here("attributes", "teach", table, "--fine-tune", "scratch", *short, "-o", "fine").error.startswith(
        "error: output exists"
    )
    again = here(
        "attributes", "teach", table, "--fine-tune", "scratch", *short, "--crop", "loose", "-o", "fine", "--resume"
    )
    assert again.code == 0, again.stderr
    assert json.loads((tmp_path / "fine" / "result.json").read_text())["mean"] == fine["mean"]
    assert here("extract", table, "--model", "fine", "--crop", "loose", "-o", "new.h5").code == 0
    answered = here("attributes", "predict", "new.h5", "fine", "--json")
    assert answered.code == 0, answered.stderr
    assert len(json.loads(answered.stdout)["faces"]) == 72


def test_ctrl_c_stops_the_fitting_and_leaves_nothing(here, faces: Path, tmp_path: Path, monkeypatch) -> None:
    from facerep.studies.attributes import fit as attributes

    def stopped(*_: object, **__: object) -> Iterator[None]:
        os.kill(os.getpid(), signal.SIGINT)
        yield

    monkeypatch.setattr(attributes, "solve_path", stopped)
    run = here("attributes", "fit", faces, "-o", "out")
    assert (run.code, run.stdout) == (130, "")
    assert run.error == "error: stopped; nothing was written"
    assert not (tmp_path / "out").exists()

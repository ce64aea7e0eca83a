"""result.json and other JSON of ours, as somebody may have changed it: refused with the place that is wrong."""

from __future__ import annotations

import copy
import json

import pytest

from facerep.errors import BadInput
from facerep.files.json_file import Form, parse, read_json
from facerep.results.kinds import VERIFICATION
from facerep.results.read import read_result

RATE = {"value": 0.9, "low": 0.8, "high": 0.95, "count": 9, "of": 10, "interval": "Wilson"}
POINT = {"far": 0.1, "threshold": "inf", "tar": RATE, "obtained": RATE, "flag": None, "impostor": 10, "needed": 10}
GOOD = {
    "format": VERIFICATION.format, "version": 1, "metric": "cosine", "features": {}, "scorer": {},
    "protocol": {"name": "all"},
    "counts": {"genuine": 5, "impostor": 5}, "accuracy": RATE, "eer": RATE, "auc": {**RATE, "count": 4.5},
    "tar_at_far": [POINT], "threshold": {"value": 0.5, "chosen": "given", "tar": RATE, "far": RATE},
}  # fmt: skip
ANYTHING = (None, True, -1, 7.5, "x", [], {}, [{}], "9" * 5000, 10**30)


def put(tmp_path, told):
    path = tmp_path / "result.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return path


def read(tmp_path, told):
    return read_result(put(tmp_path, told), VERIFICATION)


def test_a_good_result_is_read_as_it_is(tmp_path):
    assert read(tmp_path, GOOD) == GOOD


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"value": 7.5}, "accuracy is no rate: value: input should be less than or equal to 1, found '7.5'"),
        ({"low": -3}, "accuracy is no rate: low: input should be greater than or equal to 0, found '-3'"),
        ({"low": 0.95, "high": 0.8}, "accuracy is no rate: 0.95 to 0.8 is no interval of 0.9"),
        ({"high": 0.85}, "accuracy is no rate: 0.8 to 0.85 is no interval of 0.9"),
        ({"count": -5}, "accuracy is no rate: count: input should be greater than or equal to 0, found '-5'"),
        ({"of": 1.5}, "accuracy is no rate: of: input should be a valid integer, found '1.5'"),
        ({"of": 10**30}, "accuracy is no rate: of: input should be less than 9223372036854775808, found"),
        ({"value": "0.9"}, "accuracy is no rate: value: input should be a valid number, found '0.9'"),
    ],
)
def test_a_rate_that_cannot_be_is_refused_in_a_result_of_any_kind(tmp_path, change, fault):
    told = {"format": "facerep/other", "version": 1, "accuracy": {**RATE, **change}}
    with pytest.raises(BadInput) as error:
        read_result(put(tmp_path, told))
    assert str(error.value).startswith(f"damaged ({fault}")


def test_an_interval_of_percentiles_need_not_hold_the_value(tmp_path):
    told = {**GOOD, "accuracy": {**RATE, "high": 0.85, "interval": "bootstrap over people"}}
    assert read(tmp_path, told)["accuracy"]["high"] == 0.85


def test_rounding_does_not_put_a_value_out_of_its_interval(tmp_path):
    assert read(tmp_path, {**GOOD, "accuracy": {**RATE, "high": 0.9 - 1e-15}})["accuracy"]["value"] == 0.9


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": 1e999}', '{"a": -Infinity}', "[" * 100_000, "9" * 5000, "", "{"])
def test_what_is_no_json_is_told_on_one_line(tmp_path, text):
    with pytest.raises(BadInput, match="not a JSON file") as error:
        read(tmp_path, text)
    assert len(str(error.value).splitlines()) == 1
    with pytest.raises(ValueError):
        parse(text)


def _places(told, place=()):
    items = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for key, value in items:
        yield (*place, key)
        yield from _places(value, (*place, key))


@pytest.mark.parametrize("place", list(_places(GOOD)), ids=lambda place: ".".join(map(str, place)))
def test_any_other_value_anywhere_is_read_or_refused_and_never_met_later(tmp_path, place):
    from facerep.pairs.compared_results import read_results
    from facerep.pairs.threshold import chosen_threshold
    from facerep.report.verification.comparison import side_by_side

    for value in ANYTHING:
        told = copy.deepcopy(GOOD)
        holder = told
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = value
        path = put(tmp_path, told)
        for use in (lambda: side_by_side(read_results([path], seed=0)), lambda: chosen_threshold(path, 0.1)):  # noqa: B023
            try:
                use()
            except BadInput as refused:
                assert str(path) in str(refused)  # noqa: PT017


def test_any_file_of_a_form_is_held_against_it(tmp_path):
    class Told(Form):
        fingerprint: str

    path = tmp_path / "environment.json"
    for text, fault in (
        ("[]", "input should be a valid dictionary or instance of Told"), ("{}", "fingerprint: field required"),
        ('{"fingerprint": 3}', "fingerprint: input should be a valid string, found '3'"),
    ):  # fmt: skip
        path.write_text(text)
        with pytest.raises(BadInput) as error:
            read_json(path, Told, "train again")
        assert str(error.value) == f"damaged ({fault}): {path}; train again"
    path.write_text('{"fingerprint": "a", "more": [1]}')
    assert read_json(path, Told, "train again") == {"fingerprint": "a", "more": [1]}

"""A result in words: what it was made of; its rates as tables.

A rate is any object with `value`, `low` and `high`, and a mean over folds or trials is one too; the keys that lead to
it become its name. What stands in a list becomes a row with the name of its system; what stands alone, a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from facerep.report.cells import bare, digits
from facerep.report.report import Table

_WORDS = {
    "eer": "equal error rate", "auc": "area under the ROC", "tar": "TAR", "far": "FAR", "dir": "DIR",
    "fmr": "false match rate", "fnmr": "false non-match rate", "fmr_ratio": "false match rate, ratio",
    "fnmr_ratio": "false non-match rate, ratio", "obtained": "FAR obtained", "rate": "",
    "accuracy": "accuracy", "pooled": "all folds together", "balanced": "balanced accuracy", "yes": "right where yes",
    "no": "right where no", "majority": "majority guess", "gain": "above the majority guess",
    "share_active": "active units", "accuracy_with_clean_thresholds": "accuracy, clean threshold",
    "left_above_one_answer": "left above one answer", "more_lost_than_reference": "lost beyond the reference",
    "accuracy_other_half": "accuracy, other half", "difference_to_first_file": "difference to the first file",
}  # fmt: skip
"""Keys whose words are not just the key with blanks."""
_SILENT = {"tar_at_far", "closed_set", "open_set", "threshold", "groups", "each", "mean", "trials", "lists", "over",
           "over_trials", "systems", "covers", "rows", "layers", "files", "targets", "attributes", "verification",
           "claims", "by", "values", "interval"}  # fmt: skip
"""Keys that lead to rates and say nothing of them: what stands in them says it."""
_SIGNED = ("difference", "gain", "more_lost_than_reference", "difference_to_first_file")
_TIMES = ("fmr_ratio", "fnmr_ratio")

_BRACKETS = "in per cent; in brackets 95 % intervals"


@dataclass(frozen=True)
class _NamedRate:
    """A rate: of which row, by what name, and what the result says of it."""

    row: str
    name: str
    key: str
    rate: dict[str, Any]


def facts_of(result: dict[str, Any]) -> list[tuple[str, str]]:
    """What the result was made of: metric, features, network, pairs, counts; each in words."""
    features, protocol, counts = (
        result[key] if isinstance(result.get(key), dict) else {} for key in ("features", "protocol", "counts")
    )
    numbers = [f"{value:,} {key.replace('_', ' ')}" for key, value in counts.items() if isinstance(value, int)]
    facts = {
        "system": result.get("system"),
        "metric": result.get("metric"),
        "features": _features(features),
        "data set": result.get("dataset") or features.get("dataset"),
        "pairs": result.get("pairs") or _protocol(protocol),
        "counts": ", ".join(numbers),
    }
    return [(name, str(value)) for name, value in facts.items() if value and not isinstance(value, dict | list)]


def _features(features: dict[str, Any]) -> str:
    if not features.get("file"):
        return ""
    shape = [features.get(name) for name in ("rows", "dimension")]
    size = " × ".join(f"{number:,}{' faces' * (not place)}" for place, number in enumerate(shape) if _number(number))
    network = ", ".join(str(features[key]) for key in ("network", "layer") if features.get(key))
    crop = f"crop {features['crop']}" if features.get("crop") else ""
    return "; ".join(filter(None, (str(features["file"]), size, network, crop)))


def _protocol(protocol: dict[str, Any]) -> str:
    folds = f"{protocol['folds']} folds" if protocol.get("folds", 1) != 1 else ""
    setting = protocol.get("setting", "")
    return ", ".join(filter(None, (str(protocol.get("name", "")), folds, "" if setting == "not stated" else setting)))


def tables_of(result: dict[str, Any]) -> list[Table]:
    """All rates of a result: those of the whole as lines, those of systems as rows with one column a rate."""
    if result["format"] == "facerep/claims":
        return [_claims(result)]
    rates = list(_walk(result, (), ()))
    if len({one.row for one in rates}) == 1:  # one system: its name need not stand in every line
        rates = [replace(one, row="") for one in rates]
    alone = [one for one in rates if not one.row]
    tables = []
    if alone:
        lines = [[one.name, *_line(one)] for one in alone]
        tables.append(Table(["", "per cent", "95 % interval", "count"], lines))
    rows: dict[str, dict[str, str]] = {}
    for one in rates:
        if one.row:
            rows.setdefault(one.row, {})[one.name] = _cell(one)
    # rows that hold other rates are another table
    kinds: dict[tuple[str, ...], dict[str, dict[str, str]]] = {}
    for row, cells in rows.items():
        kind = next((kind for kind in kinds if set(cells) <= set(kind) or set(kind) <= set(cells)), ())
        kinds[kind if len(kind) >= len(cells) else tuple(cells)] = {**kinds.pop(kind, {}), row: cells}
    return [*tables, *(_table(same, columns) for columns, same in kinds.items())]


def side_by_side(named: Mapping[str, dict[str, Any]]) -> Table | None:
    """Results of one kind in one table: results and systems down, rates across; None where they have no rates."""
    rows: dict[str, dict[str, str]] = {}
    for name, result in named.items():
        rates = list(_walk(result, (), ()))
        alone = len({one.row for one in rates}) == 1
        for one in rates:
            row = name if alone or not one.row else f"{name}: {one.row}"
            rows.setdefault(row, {})[one.name] = _cell(one)
    return _table(rows, list(dict.fromkeys(column for cells in rows.values() for column in cells))) if rows else None


def _table(rows: Mapping[str, Mapping[str, str]], columns: Sequence[str]) -> Table:
    lines = [[row, *(cells.get(column, "") for column in columns)] for row, cells in rows.items()]
    return Table(["", *columns], lines, notes=[_BRACKETS])


def _claims(result: dict[str, Any]) -> Table:
    """The paper's claims; their figures are in per cent already."""
    lines = []
    for claim in result["claims"]:
        for one in claim["measured"]:
            interval = "" if one["low"] is None else f" [{one['low']:.1f}, {one['high']:.1f}]"
            lines.append(
                [claim["text"].strip(), claim["paper"], f"{one['value']:.1f}{interval}", one["of"], one["how"]]
            )
    return Table(["claim of DeepID2+", "paper", "measured", "on", "how"], lines, notes=[_BRACKETS])


def _walk(result: Any, rows: tuple[str, ...], names: tuple[str, ...], key: str = "") -> Iterator[_NamedRate]:
    """Every rate below `result`; `rows` name its system, `names` the rate."""
    if isinstance(result, list):
        for number, item in enumerate(result, 1):
            if isinstance(item, dict):
                row, name = _item(key, item, number, len(result))
                yield from _walk(item, (*rows, row) if row else rows, (*names, name) if name else names, key)
        return
    if not isinstance(result, dict):
        return
    if _is_rate(result):
        yield _NamedRate(", ".join(rows), _name(names), key, result)
    for inner, value in result.items():
        # the folds of a mean, and the bounds of a ratio's parts, are details for programs
        if isinstance(value, dict | list) and not (inner == "each" and "mean" in result) and inner != "source":
            word = "" if inner in _SILENT else _WORDS.get(inner, inner.replace("_", " "))
            if inner in ("over", "over_trials"):
                named = (*names, "TAR") if inner == "over" else names  # of verification there is but one rate
                yield from _walk(value, (*rows, "mean of the trials"), named, inner)
            elif inner == "threshold" and isinstance(value, dict) and isinstance(value.get("value"), int | float):
                yield from _walk(value, rows, (*names, f"at threshold {value['value']:.6g}"), inner)
            else:
                yield from _walk(value, rows, (*names, word) if word else names, inner)


def _is_rate(result: dict[str, Any]) -> bool:
    if {"value", "low", "high"} <= result.keys():
        return _number(result["value"]) and _number(result["low"]) and _number(result["high"])
    return _number(result.get("mean")) and bool({"standard_error", "standard_deviation"} & result.keys()) and (
        bool({"folds", "trials"} & result.keys())
    )  # fmt: skip


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _item(key: str, item: dict[str, Any], number: int, of: int) -> tuple[str, str]:
    """What an item of a list is called: as the row of a system, or as a part of a rate's name."""
    if "far" in item and _number(item["far"]):
        return "", f"at FAR {100 * item['far']:g}\N{NO-BREAK SPACE}%"
    if key == "closed_set":
        return "", "rank 1" if item.get("rank") == 1 else f"rank {item.get('rank')} or better"
    if key in ("by", "values") and "rate" in item:
        return "", f"rank 1, {item.get('value') or 'no value'}"
    if key == "trials":
        return (f"trial {item.get('trial') or item.get('number') or number}" if of > 1 else ""), ""
    if key == "covers":
        amount = item.get("amount", 0)
        covered = (
            f"{100 * amount:g}\N{NO-BREAK SPACE}% from the bottom"
            if item.get("cover") == "bottom"
            else f"block of {amount:g}"
        )
        return ("not covered" if item.get("cover") == "none" else covered), ""
    if key == "rows" and "kept" in item:
        bits = f", {item['bits']:,} bits" if _number(item.get("bits")) else ""
        return f"{item['kept']}, {item.get('scorer', '')}{bits}", ""
    if item.get("name"):
        return str(item["name"]), ""
    result = [str(item[part]) for part in ("file", "layer", "attribute", "person") if item.get(part)]
    return ", ".join(result[:2]) or f"number {number}", ""


def _name(names: tuple[str, ...]) -> str:
    """A rate's name: what it is, then at what; `at FAR 0.1 %, TAR` reads the wrong way round."""
    at = [name for name in names if name.startswith("at ")]
    if names[-1:] == ("FAR obtained",):  # beside the rate that was aimed at
        return f"FAR obtained ({names[-2].removeprefix('at FAR ')} wanted)" if at else "FAR obtained"
    return " ".join([", ".join(name for name in names if name not in at), *at]).strip() or "rate"


def _line(one: _NamedRate) -> list[str]:
    rate = one.rate
    if "mean" in rate:
        many = f"{rate['folds']:,} folds" if "folds" in rate else f"{rate['trials']:,} trials"
        error = "standard_error" if "standard_error" in rate else "standard_deviation"
        return [bare(rate["mean"]), f"± {100 * rate[error]:.2f} ({error.replace('_', ' ')})", many]
    counted = _number(rate.get("count")) and _number(rate.get("of"))
    counts = f"{rate['count']:,.0f} of {rate['of']:,}" if counted else ""
    return [bare(rate["value"]), " to ".join(_bounds(rate)), counts]


def _bounds(rate: dict[str, Any]) -> tuple[str, str]:
    places = digits(rate["value"])
    return f"{100 * rate['low']:.{places}f}", f"{100 * rate['high']:.{places}f}"


def _cell(one: _NamedRate) -> str:
    rate = one.rate
    if "mean" in rate:
        error = rate["standard_error"] if "standard_error" in rate else rate["standard_deviation"]
        return f"{bare(rate['mean'])} ± {100 * error:.2f}"
    if one.key in _TIMES:
        return f"{rate['value']:.2f} times [{rate['low']:.2f}, {rate['high']:.2f}]"
    if one.key in _SIGNED:
        return f"{100 * rate['value']:+.2f} [{100 * rate['low']:+.2f}, {100 * rate['high']:+.2f}]"
    return f"{bare(rate['value'])} [{', '.join(_bounds(rate))}]"

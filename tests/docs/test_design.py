"""docs/design.md names what exists: floors, folders, modules, commands and options; what is to come stands apart."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from facerep.cli.program import program

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "facerep"
TEXT = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
PRESENT, TO_COME = TEXT.split("\n## 13. To come\n")
PICTURE = re.findall(r"^```\n(src/facerep/\n.*?)^```", TEXT, re.MULTILINE | re.DOTALL)[0]


def commands() -> dict[str, Any]:
    """Every command by its words, such as "data inspect"."""
    known: dict[str, Any] = {}
    for name, command in program().commands.items():
        known[name] = command
        known.update({f"{name} {inner}": below for inner, below in getattr(command, "commands", {}).items()})
    return known


def options() -> set[str]:
    """Every option of every command."""
    parameters = [parameter for command in [program(), *commands().values()] for parameter in command.params]
    return {option for parameter in parameters for option in (*parameter.opts, *parameter.secondary_opts)}


def spans(text: str) -> list[str]:
    """What stands in code type in running text."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def floors() -> dict[str, tuple[int, str]]:
    """The floors of the picture, from the top: name to number and what is said of it."""
    entries = re.split(r"^  (?=[a-z])", PICTURE.split("\ntests/")[0], flags=re.MULTILINE)[1:]
    parts = [re.match(r"(\w+)(?:/|\.py) +(\d+) +(.*)", entry, re.DOTALL) for entry in entries]
    return {part[1]: (int(part[2]), part[3]) for part in parts if part}


def exists(path: str) -> bool:
    """A file or folder, named from the root, from the package, or by its end."""
    return bool((ROOT / path).exists() or (SOURCE / path).exists())


def test_the_picture_is_the_contract_of_import_linter():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    for layer in layers:
        names = [name.removeprefix("facerep.") for name in layer.split(" | ")]
        assert {floors()[name][0] for name in names} == {floors()[names[0]][0]}, layer
    order = [floors()[layer.split(" | ")[0].removeprefix("facerep.")][0] for layer in layers]
    assert order == sorted(order, reverse=True)
    named = {name.removeprefix("facerep.") for layer in layers for name in layer.split(" | ")}
    assert named == set(floors())


def test_every_module_and_folder_of_the_package_is_a_floor():
    there = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there - {"__init__", "__main__"} == set(floors())


def test_the_picture_names_files_and_folders_that_exist():
    for floor, (_, words) in floors().items():
        for path in re.findall(r"[\w/]+(?:\.py\b|/(?!\w))", re.sub(r"\w+/\w+\.md", "", words)):
            assert exists(path) or exists(f"{floor}/{path}"), f"{floor}: {path}"
    for folder in re.findall(r"^(\w+/)", PICTURE, re.MULTILINE):
        assert exists(folder)


def test_studies_and_reports_have_the_same_rooms_and_the_picture_names_them():
    def rooms(floor: str) -> set[str]:
        return {path.parent.name for path in (SOURCE / floor).glob("*/__init__.py")}

    listed = re.findall(r"\w+", floors()["studies"][1].split("a folder for each:")[1])
    assert set(listed) == rooms("studies")
    assert rooms("report") == rooms("studies") | {"page"}


def test_the_table_of_commands_is_that_of_the_help():
    rows = re.findall(r"^\| ([A-Z][a-z ]+) \| (`.*`) \|$", PRESENT, re.MULTILINE)
    listed = {panel: re.findall(r"`([^`]+)`", names) for panel, names in rows}
    panels: dict[str, set[str]] = {}
    for name, command in program().commands.items():
        inner = getattr(command, "commands", {})
        panels.setdefault(command.rich_help_panel, set()).update(
            [f"{name} {below}" for below in inner] if name == "data" else [name]
        )
    assert {panel: set(names) for panel, names in listed.items()} == panels


def test_options_named_in_the_design_exist():
    known = options() | {"-h", "--help"}
    named = {word for span in spans(PRESENT) for word in re.findall(r"(?<![\w-])-{1,2}[a-z][\w-]*", span)}
    assert len(named) > 10
    assert named <= known, named - known


def test_files_and_folders_named_in_the_design_exist():
    named = [span for span in spans(PRESENT) if re.fullmatch(r"[a-z_*]+(?:/[a-z_.]+)*(?:\.py|/)", span)]
    outside = {"runs/"}
    for path in named:
        assert path in outside or exists(path), path
    assert len(named) > 8


def test_what_is_to_come_does_not_exist():
    rows = re.findall(r"^\| `([a-z -]+)` \|", TO_COME, re.MULTILINE)
    assert rows
    for name in rows:
        assert name not in commands(), f"{name} is there: take it out of what is to come"
    for span in set(spans(TO_COME)) - set(rows):
        assert span.endswith(("/", ".py")), f"{span}: neither a command nor a module"
        assert not exists(span), f"{span} is there: take it out of what is to come"


def test_the_first_words_of_a_folder_name_its_floor():
    for name, (number, _) in floors().items():
        package = SOURCE / name / "__init__.py"
        if package.exists():
            assert f"\nFloor {number}. " in package.read_text(encoding="utf-8"), name

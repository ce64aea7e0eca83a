"""The documents say what the program does: helps, options, links, snippets and names are compared with the code."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import h5py
import pytest

import facerep
from facerep.cli.helps import NAMES
from facerep.cli.program import program
from facerep.files.features import read_features

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
TASKS = [page for page in PAGES if page.name not in ("README.md", "reference.md", "design.md")]
FACTS = [page for page in PAGES if page.name != "reference.md"]
WRITTEN = [*FACTS, ROOT / "CONTRIBUTING.md"]
FLOORS = {path.name for path in (ROOT / "src" / "facerep").iterdir() if path.is_dir()}


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_reference", ROOT / "docs" / "generate_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in these languages."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [block for language, block in fenced if language in languages]


def shell_lines(page: Path) -> Iterator[str]:
    """The `facerep` command lines of the blocks of a page, fenced or indented, without what only a shell sees."""
    indented = re.findall(r"^(?: {4}.*\n)+", page.read_text(encoding="utf-8"), re.MULTILINE)
    for block in [*blocks(page, "sh", ""), *map(dedent, indented)]:
        for line in block.replace("\\\n", " ").splitlines():
            line = line.removeprefix("$ ")
            if line.startswith("facerep "):
                yield re.split(r"\s(?:[|>&;]|2>)", line)[0]


def mentions(page: Path) -> Iterator[str]:
    """The `facerep ...` that stand in running text, where arguments may be left out."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    yield from (" ".join(found.split()) for found in re.findall(r"`(facerep [^`]+)`", text))


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that these words name, and the words behind it; a group where no command of it is named."""
    command = program()
    while hasattr(command, "list_commands"):
        known = options_of(command)
        words = [word for word in words if word not in known]
        if not words:
            break
        assert words[0] in command.commands, f"no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


def options_of(command: Any) -> set[str]:
    options = (option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts))
    return {"--help", *options}


def check_options(command: Any, words: list[str]) -> None:
    for word in words:
        if word.startswith("-"):
            assert word.split("=")[0] in options_of(command), f"no option {word!r}"


def parse(line: str, *, whole: bool) -> None:
    """Let the parser of the program see a line; nothing is run."""
    command, words = command_of(shlex.split(line, comments=True)[1:])
    if hasattr(command, "list_commands"):
        return
    if "--help" in words or (not words and not whole):
        return
    if not whole:
        check_options(command, words)
    try:
        # a command keeps the names of its help from its first context on
        command.make_context(line, words, help_option_names=NAMES)
    except Exception as error:
        if not whole and type(error).__name__ in ("MissingParameter", "NoArgsIsHelpError"):
            return
        raise


def test_the_reference_page_equals_the_helps():
    made = generator().PAGE.read_text(encoding="utf-8")
    pinned = re.findall(r"^typer==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)[0]
    assert f"with typer {pinned};" in made, "made with another version of typer than the tested one"
    if generator().typer_version() != pinned:
        pytest.skip("helps are laid out by another version of typer; the next test compares their words")
    assert made == generator().page(), "run: python docs/generate_reference.py"


def in_order(words: Sequence[str], among: Iterator[str]) -> bool:
    """Whether these words are among the others in this order."""
    return all(word in among for word in words)


def test_the_reference_page_has_the_words_of_every_option_of_every_command():
    made = generator().PAGE.read_text(encoding="utf-8")
    for words in generator().commands():
        command = program()
        for word in words:
            command = command.commands[word]
        section = made.split(f"## {' '.join(('facerep', *words))}\n")[1].split("\n## ")[0]
        for parameter in command.params:
            what = f"{' '.join(words)}: {parameter.name}"
            assert all(option in section for option in parameter.opts if option.startswith("-")), what
            page = iter(re.sub("[│╭╮╰╯─]", " ", section).split())
            assert in_order((getattr(parameter, "help", None) or "").split(), page), what


@pytest.mark.parametrize("words", [words for words in generator().commands() if words], ids=" ".join)
def test_every_command_is_used_in_a_task_page(words: tuple[str, ...]):
    wanted = " ".join(("facerep", *words))
    assert any(re.search(rf"{wanted}\b", page.read_text(encoding="utf-8")) for page in TASKS)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file(page: Path):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        place, _, heading = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        linked = page.parent / place if place else page
        assert linked.exists(), f"{page.name} links to {target}"
        if heading and linked.suffix == ".md":
            titles = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles], target


@pytest.mark.parametrize("page", FACTS, ids=name)
def test_every_command_line_is_one_that_the_program_takes(page: Path):
    for line in shell_lines(page):
        parse(line, whole=True)
    for line in mentions(page):
        parse(line, whole=False)


@pytest.mark.parametrize("pipeline", sorted((ROOT / "examples").glob("*.mk")), ids=name)
def test_every_command_of_a_pipeline_is_one_that_the_program_takes(pipeline: Path):
    text = pipeline.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = re.findall(r"\$\(FACEREP\) (.*)", text)
    assert lines
    for line in lines:
        while (plain := re.sub(r"\$+\([^()]*\)|\$+[@<^*]", "VALUE", line)) != line:
            line = plain
        command, words = command_of(shlex.split(line.split(" > ")[0]))
        check_options(command, words)


def test_the_check_of_command_lines_sees_what_is_wrong():
    with pytest.raises(Exception, match="--metrik"):
        parse("facerep verify test.h5 --metrik cosine", whole=True)
    with pytest.raises(Exception, match="manhattan"):
        parse("facerep verify test.h5 --metric manhattan", whole=True)
    with pytest.raises(AssertionError, match="guess"):
        parse("facerep guess a.png b.png", whole=False)


def rules() -> dict[int, str]:
    """The rules of docs/numbers.md: number to name."""
    text = (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8")
    found = re.findall(r"^## (\d+)\. (.*)$", text, re.MULTILINE)
    assert [int(number) for number, _ in found] == list(range(1, len(found) + 1))
    return {int(number): title for number, title in found}


def test_the_rules_of_numbers_that_the_code_names_are_there_under_that_name():
    known, references = {number: title.lower() for number, title in rules().items()}, 0
    for module in sorted((ROOT / "src" / "facerep").rglob("*.py")):
        text = " ".join(module.read_text(encoding="utf-8").split())
        for numbers, names in re.findall(r"docs/numbers\.md, rules? (\d+(?:(?:, | and )\d+)*)(?: \(([^)]*)\))?", text):
            wanted = ", ".join(known.get(int(number), "?") for number in re.findall(r"\d+", numbers))
            assert names.lower() == wanted, f"{module.name}: rule {numbers}"
            references += 1
    assert references > 15


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_a_rule_of_numbers_is_named_by_a_link_to_it(page: Path):
    text = page.read_text(encoding="utf-8")
    for number, target in re.findall(r"\[rule\s(\d+)\]\(([^)]*)\)", text):
        heading = f"{number}-{rules()[int(number)].lower().replace(' ', '-')}"
        assert target.endswith(f"#{heading}"), f"rule {number}: {target}"
    assert not re.search(r"(?<!\[)\brules?\s\d", text)


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_every_module_that_a_page_names_exists(page: Path):
    text = page.read_text(encoding="utf-8").split("\n## 13. To come\n")[0]
    for named in re.findall(r"`(?:src/facerep/)?([a-z_]+/[a-z0-9_/]*(?:\.py|(?<=/)))`", text):
        if named.split("/")[0] in FLOORS:
            assert (ROOT / "src" / "facerep" / named).exists(), named
    for named in re.findall(r"\b(?:src/facerep|tests|bench|examples)/[\w/.-]*[\w/]", text):
        assert (ROOT / named).exists(), named
    for module, attribute in re.findall(r"`(facerep(?:\.[a-z_]+)+)\.([A-Z]\w+)`", text):
        assert hasattr(importlib.import_module(module), attribute), f"{module}.{attribute}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_page_names_a_place_of_the_machine_it_was_written_on(page: Path):
    assert not re.search(r"(?<![\w.])/(?:work|tmp|home|root)/", page.read_text(encoding="utf-8"))


def test_the_smallest_feature_file_is_one(tmp_path, monkeypatch):
    import numpy as np

    monkeypatch.chdir(tmp_path)
    names = [f"person-{person}/{face}.jpg" for person in range(3) for face in range(2)]
    vectors = np.random.default_rng(0).normal(size=(6, 8)).astype(np.float32)
    np.save("vectors.npy", vectors)
    (tmp_path / "names.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    for code in blocks(ROOT / "docs" / "your-own-embeddings.md", "python"):
        exec(compile(code, "your-own-embeddings.md", "exec"), {})
    features = read_features(tmp_path / "mine.h5")
    assert list(features.names) == names
    assert sorted(set(features.people)) == ["person-0", "person-1", "person-2"]
    assert (features.values == vectors).all()
    with h5py.File(tmp_path / "mine.h5") as file:
        assert set(file) == {"features", "names", "people"}


def test_the_example_of_the_python_page_runs(tmp_path, monkeypatch, capsys):
    import numpy as np
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for person in range(3):
        folder = tmp_path / "my-pictures" / f"person-{person}"
        folder.mkdir(parents=True)
        for picture in range(3):
            noise = random.integers(0, 80, (40, 40, 3)) + 40 * person
            Image.fromarray(noise.astype(np.uint8)).save(folder / f"{picture}.png")
    examples = blocks(ROOT / "docs" / "python.md", "python")
    assert examples
    names: dict[str, Any] = {}
    for code in examples:
        exec(compile(code, "python.md", "exec"), names)
    assert capsys.readouterr().out.startswith("9 faces of 3 people\n")
    assert isinstance(names["result"], facerep.Result)


def test_every_public_name_is_on_the_python_page():
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for public in facerep.__all__:
        assert f"`facerep.{public}`" in text, public


def test_the_index_leads_to_every_page():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, f"{page.name} is not in docs/README.md"


def test_the_index_has_a_row_for_each_command_in_the_order_of_the_help_and_for_each_study():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z -]+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", index, re.MULTILINE)
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8").split("## 5. Commands")[1].split("\n- ")[0]
    assert [command for command, _, _ in rows] == re.findall(r"`([a-z -]+)`", design.split("| --- |")[1])
    for command, pages, _ in rows:
        linked = [ROOT / "docs" / page for page in re.findall(r"\]\(([\w-]+\.md)", pages)]
        assert any(f"facerep {command}" in page.read_text(encoding="utf-8") for page in linked), command
    named = {room for _, _, modules in rows for room in re.findall(r"`studies/(\w+)/`", modules)}
    assert named == {path.parent.name for path in (ROOT / "src" / "facerep" / "studies").glob("*/__init__.py")}


def prose(page: Path) -> list[str]:
    """The paragraphs and list items of a page, without code, tables and quotes, each on one line."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) |#|\||>)", text)
    return [" ".join(part.split()) for part in parts if not part.lstrip().startswith(("|", ">"))]


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_no_paragraph_is_long(page: Path):
    assert [paragraph for paragraph in prose(page) if len(paragraph) > 500] == []


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_pages_use_the_words_of_the_field(page: Path):
    text = " ".join(prose(page))
    for words in (r"(?<!Wang's) lecture", "(?:is|are|be|not) told", "told apart", "(?:is|are) said", "held against"):
        assert not re.search(words, text), words

"""Help: every command has one with an example, and asking for it costs no heavy import."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from facerep.cli.program import _PANELS, program
from facerep.errors import Stopped
from facerep.files.features import read_features, write_features
from facerep.files.rows import Features

PANELS = ("Look at data", *_PANELS)


def commands(group, before=()):
    """The words of every command under a group, such as ("data", "inspect")."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name)


def command_of(words):
    command = program()
    for word in words:
        command = command.commands[word]
    return command


COMMANDS = sorted(commands(program()))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example_of_itself(here, words):
    run = here(*words, "--help")
    assert (run.code, run.stderr) == (0, "")
    shown = " ".join(run.stdout.split())
    assert f"Usage: facerep {' '.join(words)}" in shown
    assert re.search(rf"Example: facerep {' '.join(words)}\b", shown)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_help_is_short_fits_80_columns_breaks_no_word_and_has_a_short_name(here, monkeypatch, words):
    monkeypatch.setenv("COLUMNS", "80")
    shown = here(*words, "--help").stdout
    assert here(*words, "-h").stdout == shown
    lines = shown.splitlines()
    assert len(lines) <= 72
    assert max(map(len, lines)) <= 80
    told = set(re.split(r"[\s,.;:()│]+", shown))
    for param in command_of(words).params:
        assert {name for name in param.opts if name.startswith("--")} <= told
        assert {str(choice) for choice in param.type_descriptor.choices or ()} <= told
        if "--output" in param.opts:
            assert f"--output -o {param.metavar}" in " ".join(shown.split())
            assert param.metavar in ("FILE", "FOLDER") or {"folder", "Folder"} & set(re.findall(r"\w+", param.help))


def test_the_tab_key_offers_presets_networks_layers_models_and_runs_without_heavy_imports(tmp_path):
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    (tmp_path / "runs" / "mine" / "model.safetensors").touch()
    program = (
        "import sys; from facerep.cli.main import main\n"
        "try:\n    main()\n"
        "finally:\n    print([name for name in ('torch', 'scipy', 'h5py') if name in sys.modules], file=sys.stderr)\n"
    )
    for line, offered in (
        ("extract orl --crop poi", "points"),
        ("train --network deepid2-wide-", "deepid2-wide-signed"),
        ("extract orl --layer con", "conv4"),
        ("compare a b --model runs", "runs/mine"),
        ("verify --device cp", "cpu"),
        ("verify --metric ham", "hamming"),
    ):
        words = {"COMP_WORDS": f"facerep {line}", "COMP_CWORD": str(len(line.split()))}
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120,
            env={**os.environ, "_FACEREP_COMPLETE": "complete_bash", **words},
        )  # fmt: skip
        assert (done.stdout.split(), done.stderr.strip()) == ([offered], "[]"), line


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_argument_and_option_is_explained(words):
    assert [parameter.name for parameter in command_of(words).params if not parameter.help] == []


def test_every_example_is_a_command_line_that_is_understood():
    for words in COMMANDS:
        command = command_of(words)
        (example,) = re.findall(r"Example: facerep (.+)", command.help)
        arguments = example.split()[len(words) :]
        command.make_context(" ".join(words), arguments)


def test_help_lists_the_panels_in_the_order_of_the_way_of_the_data_without_heavy_imports(tmp_path):
    heavy = ("torch", "sklearn", "h5py", "scipy.stats", "pytorch_lightning", "matplotlib", "numpy", "PIL")
    program = (
        "import sys; sys.argv = ['facerep', '--help']\n"
        "from facerep.cli.main import main\n"
        "try:\n    main()\n"
        f"finally:\n    print([name for name in {heavy} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")
    places = [done.stdout.index(f"─ {panel} ─") for panel in PANELS]
    assert places == sorted(places)
    assert all(name in done.stdout for name, *_ in COMMANDS)


def test_what_is_not_a_command_is_one_line_and_exit_2(here):
    for words, line in (
        (("verfy",), "error: no such command 'verfy'; did you mean 'verify'?"),
        (("data", "burn"), "error: no such command 'burn'; see `facerep data --help`"),
        (("verify", "--metrik", "cosine"), "error: no option `--metrik`; did you mean `--metric`?"),
        (("models", "--zzz"), "error: no option `--zzz`; see `facerep models --help`"),
    ):
        run = here(*words)
        assert (run.code, run.stdout, run.stderr) == (2, "", f"{line}\n")


def test_version_is_one_line(here):
    run = here("--version")
    assert (run.code, run.stderr) == (0, "")
    assert re.fullmatch(r"facerep \d+\.\d+\.\d+\n", run.stdout)


def test_an_error_that_nobody_foresaw_is_one_line_and_debug_shows_where(here, monkeypatch):
    import facerep.report.files.inventory as inventory

    def fail(*_, **__):
        raise KeyError("surprise")

    monkeypatch.setattr(inventory, "report_of", fail)
    with pytest.raises(AssertionError, match="error: bug in facerep: KeyError: 'surprise'; give --debug"):
        here("models")
    with pytest.raises(AssertionError, match="Traceback"):
        here("--debug", "models")
    monkeypatch.setattr(inventory, "report_of", lambda *_, **__: [][:].append(bytearray(1 << 62)))
    run = here("models")
    assert (run.code, run.error) == (1, "error: memory is short; give a smaller --batch-size or fewer --workers")


def test_ctrl_c_where_nothing_can_be_resumed_does_not_speak_of_resuming(here, monkeypatch):
    import facerep.report.files.inventory as inventory

    def stop(*_, **__):
        raise Stopped(signal.SIGINT)

    monkeypatch.setattr(inventory, "report_of", stop)
    run = here("models")
    assert (run.code, run.stdout, run.stderr) == (130, "", "error: stopped; nothing was written\n")


def test_ctrl_c_is_not_swallowed_where_a_library_or_we_go_on_after_any_error(here, monkeypatch, people_folder):
    from PIL import Image

    def interrupted(_):
        os.kill(os.getpid(), signal.SIGINT)
        return {}

    monkeypatch.setattr(Image.Image, "getexif", interrupted)  # broken metadata, whatever the error, is no failure
    run = here("data", "inspect", people_folder)
    assert (run.code, run.stdout, run.error) == (130, "", "error: stopped; nothing was written")


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    command = [sys.executable, "-m", "facerep.cli.main", "models"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        run.stdout.close()  # before anything was written
        said = run.stderr.read() if run.stderr else ""
    assert (run.returncode, said) == (0, "")


@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_a_stream_that_is_closed_leads_nowhere_and_no_file_takes_its_place(tmp_path, streams):
    np.save(tmp_path / "v.npy", np.eye(3, 4, dtype=np.float32))
    (tmp_path / "names.txt").write_text("a\nb\nc\n")
    command = f"exec {sys.executable} -m facerep import v.npy --names names.txt -o f.h5 --json {streams}"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) == (streams == "2>&-")
    assert read_features(tmp_path / "f.h5").names.tolist() == ["a", "b", "c"]


def test_a_stream_that_is_full_is_an_error_where_it_carries_the_result_only(tmp_path):
    def run(streams):
        command = f"exec {sys.executable} -m facerep verify nothing.h5 {streams}"
        command = command if "2>" in streams else f"exec {sys.executable} -m facerep models {streams}"
        return subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    full = run(">/dev/full")
    line = "error: cannot write the result (No space left on device): stdout\n"
    assert (full.returncode, full.stderr) == (1, line)
    assert (run("2>/dev/full").returncode, run("2>/dev/full").stdout) == (1, "")


def test_what_a_stream_cannot_say_is_written_as_an_escape(facerep, tmp_path):
    spoken = facerep("models", PYTHONIOENCODING="ascii")
    assert (spoken.code, spoken.stderr) == (0, "")
    run = facerep("verify", tmp_path / "né.h5", PYTHONIOENCODING="ascii")
    assert (run.code, run.stderr) == (1, f"error: no such file: {tmp_path}/n\\xe9.h5\n")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("no\nerror: fake.h5", "no\\nerror: fake.h5"),
        ("\x1b]0;title\x07\x1b[2J.h5", "\\x1b]0;title\\x07\\x1b[2J.h5"),
        ("\x9b2J\u202e.h5", "\\x9b2J\\u202e.h5"),
        ("a\udcff.h5", "a\\xff.h5"),
        ("[/b] 李.h5", "[/b] 李.h5"),
    ],
)
def test_a_path_cannot_break_the_one_error_line_nor_reach_the_terminal(here, name, shown):
    assert here("verify", name).error == f"error: no such file: {shown}"


def test_names_cannot_reach_the_terminal_nor_the_markup_of_a_table(here, tmp_path):
    names = ["\x1b[2Ja\n", "[/b]\\", "[red]c[/red]", "\x9bd"]
    file = tmp_path / "f.h5"
    people = np.full(4, "", dtype=object)
    write_features(
        Features(names=np.array(names, dtype=object), people=people, values=np.eye(4, dtype=np.float32)), file
    )
    run = here("search", file, file, "-k", 1)
    assert run.code == 0
    assert all(shown in run.stdout for shown in ("\\x1b[2Ja\\n", "[/b]\\ ", "[red]c[/red]", "\\x9bd"))
    told = here("search", file, file, "-k", 1, "--json")
    assert [answer["query"] for answer in told.json["answers"]] == names
    assert not set(told.stdout) & set("\x1b\x9b")


def test_ctrl_c_while_the_program_starts_is_one_line(tmp_path):
    # a module that the program imports, and that is interrupted in the midst of it
    (tmp_path / "typer.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time; time.sleep(9)"
    )
    done = subprocess.run(
        [sys.executable, "-m", "facerep", "models"], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: stopped; nothing was written\n")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_stopped_command_advises_to_resume_where_it_has_that_option_only(here, monkeypatch, words):
    command = command_of(words)

    def stop(**_):
        raise Stopped(signal.SIGTERM)

    monkeypatch.setattr(command, "callback", stop)
    monkeypatch.setattr(command, "params", [option for option in command.params if not option.required])
    run = here(*words)
    advice = "give the same command with --resume to go on"
    resumes = any(option.name == "resume" for option in command.params)
    assert (run.code, run.error) == (143, f"error: stopped; {advice if resumes else 'nothing was written'}")

"""Help: every command has one with an example, and asking for it costs no heavy import."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from facerep.cli.main import _PANELS, program

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
        (("data", "render-all"), "error: no such command 'render-all'; see `facerep data --help`"),
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
    import facerep.report.inventory as inventory

    def fail(*_, **__):
        raise KeyError("surprise")

    monkeypatch.setattr(inventory, "show", fail)
    with pytest.raises(AssertionError, match="error: bug in facerep: KeyError: 'surprise'; give --debug"):
        here("models")
    with pytest.raises(AssertionError, match="Traceback"):
        here("--debug", "models")
    monkeypatch.setattr(inventory, "show", lambda *_, **__: [][:].append(bytearray(1 << 62)))
    run = here("models")
    assert (run.code, run.error) == (1, "error: memory is short; give a smaller --batch-size or fewer --workers")


def test_ctrl_c_where_nothing_can_be_resumed_does_not_speak_of_resuming(here, monkeypatch):
    import signal

    import facerep.report.inventory as inventory
    from facerep.errors import Stopped

    def stop(*_, **__):
        raise Stopped(signal.SIGINT)

    monkeypatch.setattr(inventory, "show", stop)
    run = here("models")
    assert (run.code, run.stdout, run.stderr) == (130, "", "error: stopped; nothing was written\n")


def test_ctrl_c_is_not_swallowed_where_a_library_or_we_go_on_after_any_error(here, monkeypatch, people_folder):
    import os
    import signal

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

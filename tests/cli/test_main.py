"""The command line: its commands, the spelling of options, exit statuses and errors."""

import re

import pytest

import ssagan_jax
from ssagan_jax.cli import data, generate, main, train
from ssagan_jax.distributed import jax_setup
from tests.helpers.commands import TINY, refused

COMMANDS = ("data", "demo", "doctor", "evaluate", "export", "generate", "import-torch", "report")
COMMANDS += ("reproduce", "train")


def test_an_unexpected_error_is_one_line_too(capsys, monkeypatch):
    monkeypatch.setattr(jax_setup, "set_up_jax", lambda: {}["a bug"])
    error = refused(capsys, "evaluate")
    assert "KeyError: 'a bug' (--debug shows where)" in error


def test_out_of_memory_names_what_to_change(capsys, monkeypatch):
    def fail():
        raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes.")

    monkeypatch.setattr(jax_setup, "set_up_jax", fail)
    error = refused(capsys, "evaluate")
    assert "out of memory: RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes. Try" in error
    for option in ("precision=bfloat16", "remat=levels", "micro_batches", "batch_size"):
        assert f"config.{option}" in error
    assert "ssagan doctor --config=FILE" in error


def test_out_of_memory_without_a_text(capsys, monkeypatch):
    def fail():
        raise MemoryError

    monkeypatch.setattr(jax_setup, "set_up_jax", fail)
    assert "out of memory: no more on this machine. Try" in refused(capsys, "evaluate")


def test_an_interrupt_has_its_own_status(monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(jax_setup, "set_up_jax", interrupt)
    assert main.main(["evaluate"]) == main.INTERRUPTED


def test_debug_shows_the_traceback(tmp_path):
    with pytest.raises(FileNotFoundError, match="No config file"):
        main.main(["train", "--config=no.py", f"--workdir={tmp_path}", "--debug"])


@pytest.mark.parametrize(
    "argv", [["train", "--wrong"], ["generate", "p", "-o", "o", "--config.x=1"]]
)
def test_unknown_options_end_with_status_2(capsys, argv):
    with pytest.raises(SystemExit) as stopped:
        main.main(argv)
    assert stopped.value.code == 2


@pytest.fixture
def asked(monkeypatch):
    """What ``ssagan train`` and ``ssagan data`` are asked for, instead of doing it."""
    found = []

    def run(arguments, overrides):
        found.append((vars(arguments), overrides))

    for command in (train, data):
        monkeypatch.setattr(command, "run", run)
    return found


@pytest.mark.parametrize("option", ["--allow-config-change", "--allow_config_change"])
def test_options_have_dashes_or_underscores(asked, option):
    assert main.main(["train", "--config=c_d.py", "--workdir=a_b", option]) == 0
    [(arguments, overrides)] = asked
    assert arguments["allow_config_change"] is True and overrides == []
    assert (arguments["config"], arguments["workdir"]) == ("c_d.py", "a_b")  # values stay


@pytest.mark.parametrize("given", [["--data_dir", "a_b"], ["--data-dir=a_b"], ["--data_dir=a_b"]])
def test_values_stay_as_they_are(asked, given):
    assert main.main(["data", "build", "sky", "--source=s", *given]) == 0
    assert asked[0][0]["data_dir"] == "a_b"


@pytest.mark.parametrize("wind", ["-0.01,0", "-30", "-.5,0", "left"])
def test_a_value_may_begin_with_a_minus(monkeypatch, wind):
    found = []
    monkeypatch.setattr(generate, "run", lambda arguments, _: found.append(arguments.wind))
    assert main.main(["generate", "a.jpg", "-o", "b.mp4", "--wind", wind, "--loop"]) == 0
    assert found == [wind]


def test_the_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main.main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"ssagan {ssagan_jax.__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_spells_options_with_dashes(capsys, command):
    with pytest.raises(SystemExit) as stopped:
        main.main([command, "--help"])
    assert stopped.value.code == 0
    words = re.findall(r"(?<![\w-])--[a-z][\w-]*", capsys.readouterr().out)
    assert "--help" in words and not [word for word in words if "_" in word]


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["train", "--workdri=x"], "unknown option --workdri; did you mean --workdir?"),
        (["evaluate", "--data-dri", "x"], "unknown option --data-dri; did you mean --data-dir?"),
        (["evaluate", "--data_dri", "x"], "unknown option --data_dri; did you mean --data-dir?"),
        (["train", "--zzz"], "unknown option --zzz; see ssagan train --help"),
        (["generate", "--config.x=1"], "unknown option --config.x; see ssagan generate --help"),
    ],
)
def test_an_unknown_option_names_the_nearest_known_one(capsys, argv, hint):
    with pytest.raises(SystemExit) as stopped:
        main.main(argv)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"ssagan {argv[0]}: error: {hint}"


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        (["--config.a.b", "1"], ["--config.a.b=1"]),
        (["--config.a", "-1e-4"], ["--config.a=-1e-4"]),
        (["--config.a", "", "--config.b"], ["--config.a=", "--config.b"]),
        (["--config.a=1", "--config.b", "x y"], ["--config.a=1", "--config.b=x y"]),
        (["--config.flag", "--config.a=1"], ["--config.flag", "--config.a=1"]),
    ],
)
def test_an_override_and_its_value_may_be_two_words(asked, given, understood):
    assert main.main(["train", *given, "--config=c.py", "--workdir=w"]) == 0
    assert asked[0][1] == understood
    assert asked[0][0]["config"] == "c.py"


def test_a_config_key_with_a_dash_is_explained(capsys, tmp_path):
    key = "--config.optimizer.learning-rate"
    for given in ([f"{key}=1"], [key, "1"]):
        error = refused(capsys, "train", TINY, f"--workdir={tmp_path}", *given)
        assert 'Did you mean "config.optimizer.learning_rate"?' in error


def test_after_two_dashes_all_are_photos(monkeypatch):
    found = []
    monkeypatch.setattr(generate, "run", lambda arguments, _: found.append(arguments.photos))
    assert main.main(["generate", "-o", "o", "--", "--a_b.jpg"]) == 0
    assert found == [["--a_b.jpg"]]


def test_every_command_has_a_line_of_help(capsys):
    with pytest.raises(SystemExit):
        main.main(["--help"])
    printed = capsys.readouterr().out
    assert all(f"    {command} " in printed.replace("\n", " ") for command in COMMANDS)

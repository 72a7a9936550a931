"""``ssagan COMMAND``: finds the command, reads its options, runs it.

Every command prints one line for an error it can explain (what was wrong, what was expected,
what to do) and ends with a non-zero status; ``--debug`` shows the traceback.
"""

import difflib
import importlib
import pkgutil
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from types import ModuleType

import ssagan_jax
from ssagan_jax import cli

EXPLAINED = (ValueError, OSError, ImportError, FloatingPointError)  # say what to do themselves
INTERRUPTED = 130
OVERRIDE = "--config."


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Options are understood with dashes and with underscores.

    Returns:
      The exit status: 0; 1 for an error; ``STOPPED`` for a run that a signal stopped after it had
      saved: the same command goes on. A wrong option ends the process with 2.
    """
    commands = dict(_find_commands())
    parser, parsers = _build_parsers(commands)
    argv = list(sys.argv[1:] if argv is None else argv)
    overrides: list[str] = []
    if argv and argv[0] in commands:
        takes_overrides = getattr(commands[argv[0]], "TAKES_OVERRIDES", False)
        argv, overrides = _split_overrides(argv) if takes_overrides else (argv, [])
        argv = _with_known_options(argv, parsers[argv[0]])
    arguments = parser.parse_args(argv)
    try:
        return commands[arguments.command].run(arguments, overrides) or 0
    except KeyboardInterrupt:
        print("ssagan: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        if arguments.debug:
            raise
        print(f"ssagan: {_message(error)}", file=sys.stderr)
        return 1


def _find_commands() -> Iterator[tuple[str, ModuleType]]:
    for module in pkgutil.iter_modules(cli.__path__):
        if module.name not in ("main", "__main__"):
            name = module.name.replace("_", "-")
            yield name, importlib.import_module(f"{cli.__name__}.{module.name}")


def _build_parsers(
    commands: dict[str, ModuleType],
) -> tuple[ArgumentParser, dict[str, ArgumentParser]]:
    """The parser of the command line, and that of each command."""
    description = "SSA-GAN in JAX: one landscape photo in, a moving clip out."
    parser = ArgumentParser(prog="ssagan", description=description)
    parser.add_argument("--version", action="version", version=f"%(prog)s {ssagan_jax.__version__}")
    parser.epilog = "Options of a command: ssagan COMMAND --help. --debug after it: tracebacks."
    group = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    parsers = {}
    for name, module in commands.items():
        text = module.HELP
        parsers[name] = group.add_parser(name, help=text, description=text, allow_abbrev=False)
        parsers[name].add_argument(
            "--debug", action="store_true", help="show the traceback of an error"
        )
        module.add_arguments(parsers[name])
    return parser, parsers


def _split_overrides(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """The command line without its ``--config.key=value`` or ``--config.key value``; and these.

    The second are written as the first.
    """
    rest, overrides = [], []
    words = list(argv)
    while words:
        word = words.pop(0)
        if not word.startswith(OVERRIDE):
            rest.append(word)
            continue
        if "=" not in word and words and not re.match(r"-(?![\d.])", words[0]):
            word = f"{word}={words.pop(0)}"
        overrides.append(word)
    return rest, overrides


def _with_known_options(argv: Sequence[str], parser: ArgumentParser) -> list[str]:
    """The command line with every option spelt as its parser knows it, with dashes.

    A value that begins with a minus and a digit (``--wind -0.01,0``) is joined to its option.
    Ends the process with status 2 at an unknown option, naming the nearest known one.
    """
    known = [name for action in parser._actions for name in action.option_strings]
    words, spelt = list(argv), []
    while words and words[0] != "--":
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            spelt.append(word)
            continue
        option = name.replace("_", "-")
        if option not in known:
            near = difflib.get_close_matches(option, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"see {parser.prog} --help"
            parser.error(f"unknown option {name}; {hint}")
        if not equals and words and re.match(r"-[\d.]", words[0]):
            equals, value = "=", words.pop(0)
        spelt.append(f"{option}{equals}{value}")
    return spelt + words


def _message(error: Exception) -> str:
    if isinstance(error, EXPLAINED):
        return str(error)
    if "RESOURCE_EXHAUSTED" in str(error) or isinstance(error, MemoryError):
        from ssagan_jax.training.doctor import LESS_MEMORY

        first = (str(error).splitlines() or ["no more on this machine."])[0]
        return (
            f"out of memory: {first} {LESS_MEMORY} What a configuration needs is told by "
            "ssagan doctor --config=FILE."
        )
    return f"{type(error).__name__}: {error} (--debug shows where)"

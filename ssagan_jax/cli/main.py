"""The command line: ``ssagan train | evaluate | generate | data | reproduce | doctor ...``.

Every command prints one line for an error it can explain (what was wrong, what was expected,
what to do) and ends with a non-zero status; ``--debug`` shows the traceback. Imports are inside
the commands, so that ``ssagan --help`` answers at once.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from ssagan_jax.cli import options as cli_options
from ssagan_jax.config.resolution import resolve

BUILD_OPTIONS = {"tiny_videos": {"list_file"}, "video_folder": {"max_size"}}
EXPLAINED = (ValueError, OSError, ImportError, FloatingPointError)  # say what to do themselves
INTERRUPTED = 130
STOPPED = 75  # "temporary failure, try again" in sysexits.h


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
      The exit status: 0; 1 for an error; 2 for a wrong option; ``STOPPED`` for a run that a
      signal stopped after it had saved: the same command goes on.
    """
    parser = _parser()
    arguments, unknown = parser.parse_known_args(argv)
    overrides = [option for option in unknown if option.startswith("--config.")]
    wrong = [option for option in unknown if option not in overrides]
    if wrong or (overrides and arguments.command not in (_train, _reproduce, _doctor)):
        parser.error(f"unknown option {(wrong or overrides)[0]}; see ssagan --help")
    try:
        return arguments.command(arguments, overrides) or 0
    except KeyboardInterrupt:
        print("ssagan: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        if arguments.debug:
            raise
        print(f"ssagan: {_message(error)}", file=sys.stderr)
        return 1


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


def _train(arguments, overrides):
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    from ssagan_jax.config import loading
    from ssagan_jax.distributed import processes
    from ssagan_jax.training.loop import train

    processes.start(
        coordinator=arguments.coordinator,
        processes=arguments.processes,
        process_id=arguments.process_id,
        devices=arguments.devices,
    )

    settings = loading.load(arguments.config, overrides)
    results = train(settings, arguments.workdir, allow_config_change=arguments.allow_config_change)
    return STOPPED if results is None else 0


def _evaluate(arguments, _):
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    from ssagan_jax.evaluation import api as command

    if bool(arguments.workdir) == bool(arguments.predictions):
        raise ValueError("Give either --workdir=DIR or --predictions=P with --reference=R.")
    if arguments.predictions:
        if not arguments.reference:
            raise ValueError("--predictions=P needs --reference=R, the true clips.")
        if arguments.draws != 1:
            raise ValueError("--draws=K needs a model to draw from: --workdir=DIR.")
        command.evaluate_files(
            arguments.predictions,
            arguments.reference,
            metrics=_names(arguments.metrics) or (),
            output=arguments.output,
        )
        return
    command.evaluate_checkpoint(
        arguments.workdir,
        dataset=arguments.dataset,
        data_dir=arguments.data_dir,
        split=arguments.split,
        statistics=arguments.statistics,
        clips=arguments.clips,
        draws=arguments.draws,
        metrics=_names(arguments.metrics),
        output=arguments.output,
    )


def _names(text: str | None) -> tuple[str, ...] | None:
    """``a,b`` as names; None if the option was not given."""
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def _generate(arguments, _):
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    from ssagan_jax.animation.files import Files, animate_files
    from ssagan_jax.animation.rendering import Options

    size = arguments.size
    options = Options(
        size=int(size) if size.isdecimal() else size,
        frames=arguments.frames,
        speed=arguments.speed,
        loop=arguments.loop,
        seed=arguments.seed,
        side_by_side=arguments.side_by_side,
    )
    files = Files(
        fps=arguments.fps,
        gif=arguments.gif,
        save_frames=arguments.save_frames,
        overwrite=arguments.overwrite,
    )
    path = arguments.checkpoint or arguments.workdir
    for written in animate_files(
        arguments.photos,
        arguments.output,
        path=path,
        options=options,
        mask=arguments.mask,
        files=files,
    ):
        print(written)


def _data(arguments, _):
    from ssagan_jax import data

    if arguments.action == "verify":
        print(data.verify(arguments.name, source=arguments.source))
        return
    options = {"list_file": arguments.list_file, "max_size": arguments.max_size}
    given = {name: value for name, value in options.items() if value is not None}
    wrong = given.keys() - BUILD_OPTIONS.get(arguments.name, ())
    if wrong:
        raise ValueError(f"--{min(wrong)} is not an option of the data set {arguments.name}.")
    print(data.build(arguments.name, source=arguments.source, data_dir=arguments.data_dir, **given))


def _import_torch(arguments, _):
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    from ssagan_jax.checkpoints.torch.conversion import import_torch

    print(
        import_torch(
            arguments.file,
            arguments.output,
            model=arguments.model,
            role=arguments.role,
            stage=arguments.stage,
            first=arguments.first,
        )
    )


def _reproduce(arguments, overrides):
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    from ssagan_jax.io import paths
    from ssagan_jax.reproduce.command import reproduce
    from ssagan_jax.reproduce.plan import Options

    options = Options(
        table=arguments.table,
        workdirs=paths.path(arguments.workdirs),
        budget=arguments.budget,
        data_dir=arguments.data_dir or "",
        dataset=arguments.dataset or "",
        seeds=arguments.seeds,
        steps=arguments.steps,
        metrics=_names(arguments.metrics) or (),
        overrides=tuple(overrides),
    )
    outcome = reproduce(
        options, rows=arguments.rows, train=arguments.train, votes=arguments.votes or ""
    )
    for name, reason in outcome.failed.items():
        print(f"ssagan: {name} was not trained. {reason}", file=sys.stderr)
    return STOPPED if outcome.stopped else int(bool(outcome.failed))


def _doctor(arguments, overrides):
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    from ssagan_jax.config import loading
    from ssagan_jax.training import doctor

    settings = resolve(loading.load(arguments.config, overrides))
    print(doctor.report(settings, topology=arguments.topology))


def _report(arguments, _):
    from ssagan_jax.evaluation import run_page

    print(run_page.write_run_page(arguments.workdir, arguments.output))


def _demo(arguments, _):
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    try:
        from ssagan_jax.demo import command
    except ModuleNotFoundError as error:
        raise ImportError(
            f"ssagan demo needs the package {error.name}: pip install 'ssagan_jax[demo]'"
        ) from error
    command.serve(
        arguments.workdir,
        host=arguments.host,
        port=arguments.port,
        on_device=arguments.on_device,
    )


def _export(arguments, _):
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    from ssagan_jax.export import export

    written = export(
        arguments.workdir,
        arguments.output,
        format=arguments.format,
        batch=arguments.batch,
        overwrite=arguments.overwrite,
    )
    print(written)
    print(f"{written}.json")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ssagan", description="SSA-GAN in JAX: one landscape photo in, a moving clip out."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    cli_options.train(_command(commands, "train", _train, "train a model"))
    cli_options.evaluate(_command(commands, "evaluate", _evaluate, "score clips"))
    cli_options.generate(_command(commands, "generate", _generate, "animate photos"))
    cli_options.data(_command(commands, "data", _data, "build or check a data set"))
    text = "turn the authors' PyTorch weights into a checkpoint"
    cli_options.import_torch(_command(commands, "import-torch", _import_torch, text))
    cli_options.reproduce(_command(commands, "reproduce", _reproduce, "the paper's tables"))
    text = "what a configuration needs: parameters, arithmetic, memory"
    cli_options.doctor(_command(commands, "doctor", _doctor, text))
    cli_options.report(_command(commands, "report", _report, "one HTML page of a run"))
    cli_options.demo(_command(commands, "demo", _demo, "a page that animates visitors' photos"))
    text = "the generator as a file that runs without this package"
    cli_options.export(_command(commands, "export", _export, text))
    return parser


def _command(commands, name: str, function: Callable, text: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    parser.set_defaults(command=function)
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


if __name__ == "__main__":
    sys.exit(main())

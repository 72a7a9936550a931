"""The command line: ``ssagan train | evaluate | generate | data | reproduce | doctor ...``.

Every command prints one line for an error it can explain (what was wrong, what was expected,
what to do) and ends with a non-zero status; ``--debug`` shows the traceback. Imports are inside
the commands, so that ``ssagan --help`` answers at once.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "ssagan_jax" / "xla"
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
        from ssagan_jax.doctor import LESS_MEMORY

        first = (str(error).splitlines() or ["no more on this machine."])[0]
        return (
            f"out of memory: {first} {LESS_MEMORY} What a configuration needs is told by "
            "ssagan doctor --config=FILE."
        )
    return f"{type(error).__name__}: {error} (--debug shows where)"


def _train(arguments, overrides):
    _prepare_jax()
    from ssagan_jax import config
    from ssagan_jax.train import cluster
    from ssagan_jax.train.loop import train

    cluster.start(
        coordinator=arguments.coordinator,
        processes=arguments.processes,
        process_id=arguments.process_id,
        devices=arguments.devices,
    )

    settings = config.load(arguments.config, overrides)
    results = train(settings, arguments.workdir, allow_config_change=arguments.allow_config_change)
    return STOPPED if results is None else 0


def _evaluate(arguments, _):
    _prepare_jax()
    from ssagan_jax import evaluation_command as command

    if bool(arguments.workdir) == bool(arguments.predictions):
        raise ValueError("Give either --workdir=DIR or --predictions=P with --reference=R.")
    if arguments.predictions:
        if not arguments.reference:
            raise ValueError("--predictions=P needs --reference=R, the true clips.")
        if arguments.draws != 1:
            raise ValueError("--draws=K needs a model to draw from: --workdir=DIR.")
        command.files(
            arguments.predictions,
            arguments.reference,
            metrics=_names(arguments.metrics) or (),
            output=arguments.output,
        )
        return
    command.checkpoint(
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
    _prepare_jax()
    from ssagan_jax.animation import Options
    from ssagan_jax.generation_command import Files, generate

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
    for written in generate(
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
    _prepare_jax()
    from ssagan_jax.weights.checkpoint import import_torch

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
    _prepare_jax()
    from ssagan_jax.reproduce.command import reproduce
    from ssagan_jax.reproduce.plan import Options

    options = Options(
        table=arguments.table,
        workdirs=Path(arguments.workdirs),
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
    _prepare_jax()
    from ssagan_jax import config, doctor
    from ssagan_jax.train import workdirs

    print(doctor.report(workdirs.resolve(config.load(arguments.config, overrides))))


def _report(arguments, _):
    from ssagan_jax import report

    print(report.write(arguments.workdir, arguments.output))


def _demo(arguments, _):
    _prepare_jax()
    try:
        from ssagan_jax.demo import command
    except ModuleNotFoundError as error:
        raise ImportError(
            f"ssagan demo needs the package {error.name}: pip install 'ssagan_jax[demo]'"
        ) from error
    command.serve(arguments.workdir, host=arguments.host, port=arguments.port)


def _export(arguments, _):
    _prepare_jax()
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


def _prepare_jax():
    """Compiled programs are kept between runs: in JAX_COMPILATION_CACHE_DIR, or ``CACHE``."""
    import jax
    from absl import logging

    # Orbax warns of every save without an evaluation, and logs the errors it raises as well.
    logging.set_verbosity(logging.FATAL)
    if not jax.config.jax_compilation_cache_dir:
        jax.config.update("jax_compilation_cache_dir", str(CACHE))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)  # small ones too


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ssagan", description="SSA-GAN in JAX: one landscape photo in, a moving clip out."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _train_options(_command(commands, "train", _train, "train a model"))
    _evaluate_options(_command(commands, "evaluate", _evaluate, "score clips"))
    _generate_options(_command(commands, "generate", _generate, "animate photos"))
    _data_options(_command(commands, "data", _data, "build or check a data set"))
    text = "turn the authors' PyTorch weights into a checkpoint"
    _import_torch_options(_command(commands, "import-torch", _import_torch, text))
    _reproduce_options(_command(commands, "reproduce", _reproduce, "the paper's tables"))
    text = "what a configuration needs: parameters, arithmetic, memory"
    _doctor_options(_command(commands, "doctor", _doctor, text))
    _report_options(_command(commands, "report", _report, "one HTML page of a run"))
    _demo_options(_command(commands, "demo", _demo, "a page that animates visitors' photos"))
    text = "the generator as a file that runs without this package"
    _export_options(_command(commands, "export", _export, text))
    return parser


def _command(commands, name: str, function: Callable, text: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    parser.set_defaults(command=function)
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _train_options(parser):
    parser.add_argument("--config", required=True, metavar="FILE[:args]", help="see configs/")
    parser.add_argument("--workdir", required=True, metavar="DIR", help="where all is written")
    parser.add_argument(
        "--allow_config_change", action="store_true", help="go on with another configuration"
    )
    pods = parser.add_argument_group("several processes", "see docs/launch.md")
    pods.add_argument("--coordinator", metavar="HOST:PORT", help="of process 0")
    pods.add_argument("--processes", type=int, metavar="N", help="how many there are")
    pods.add_argument("--process_id", type=int, metavar="K", help="this one: 0 to N - 1")
    pods.add_argument("--devices", type=int, metavar="N", help="refuse another number in all")
    parser.epilog = "Any key of the config can be set: --config.optimizer.learning_rate=1e-4"


def _doctor_options(parser):
    parser.add_argument("--config", required=True, metavar="FILE[:args]", help="see configs/")
    parser.epilog = "Any key of the config can be set, as in ssagan train"


def _evaluate_options(parser):
    parser.add_argument("--workdir", metavar="DIR", help="a training run, or one checkpoint")
    parser.add_argument("--dataset", metavar="NAME", help="another data set than the run's")
    parser.add_argument("--data_dir", metavar="DIR", help="where that was built")
    parser.add_argument("--split", default="test", help="train or test (default)")
    parser.add_argument("--statistics", default="running", help="running (default) or batch")
    parser.add_argument(
        "--clips", type=int, metavar="N", help="the first N; 0: all (default: as the run scores)"
    )
    parser.add_argument("--draws", type=int, default=1, metavar="K", help="score the best of K too")
    parser.add_argument(
        "--metrics",
        metavar="A,B",
        help="also these: lpips_alex, lpips_vgg, fvd, kvd (default: those it was scored by)",
    )
    parser.add_argument("--predictions", metavar="P", help=".npz or folder of videos to score")
    parser.add_argument("--reference", metavar="R", help="the true clips, likewise")
    parser.add_argument("--output", metavar="FILE.json", help="where the results go")


def _generate_options(parser):
    text = "JPEG, PNG or WebP, or a folder of them"
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help=text)
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help=".mp4, .gif, folder")
    parser.add_argument("--workdir", metavar="DIR", help="a training run (default: a small model)")
    parser.add_argument("--checkpoint", metavar="PATH", help="one checkpoint of a run")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    how = parser.add_argument_group("the clip")
    how.add_argument(
        "--size",
        default="native",
        metavar="S",
        help="native: the photo's pixels (default); N: at most N on the long side; model: the "
        "network's own clip, stretched",
    )
    how.add_argument("--frames", type=int, metavar="N", help="how many (default: the model's)")
    how.add_argument("--fps", type=float, default=25.0, metavar="N", help="frames per second")
    how.add_argument("--speed", type=float, default=1.0, metavar="X", help="of the motion")
    how.add_argument("--loop", action="store_true", help="the end leads into the beginning")
    text = "only what is white in it moves; sky: only the photo's sky"
    how.add_argument("--mask", metavar="FILE.png", help=text)
    how.add_argument("--side-by-side", action="store_true", help="the photo to the left")
    also = parser.add_argument_group("files")
    also.add_argument("--gif", action="store_true", help="also OUT.gif")
    also.add_argument("--save-frames", action="store_true", help="also OUT_frames/00000.png, ...")
    also.add_argument("--overwrite", action="store_true", help="replace what is there")


def _data_options(parser):
    parser.add_argument("action", choices=("build", "verify"))
    parser.add_argument("name", metavar="NAME", help="sky, tiny_videos, video_folder")
    parser.add_argument("--source", required=True, metavar="DIR", help="the original files")
    parser.add_argument("--data_dir", metavar="DIR", help="where to build (default: tfds')")
    parser.add_argument("--list_file", metavar="FILE", help="tiny_videos: the clips to take")
    parser.add_argument("--max_size", type=int, metavar="N", help="video_folder: short side, px")


def _report_options(parser):
    parser.add_argument("--workdir", required=True, metavar="DIR", help="a training run")
    parser.add_argument("-o", "--output", metavar="FILE.html", help="(default: in the workdir)")


def _demo_options(parser):
    parser.add_argument("--workdir", metavar="DIR", help="a training run (default: a small model)")
    text = (
        "address to listen at; 0.0.0.0: for everybody in the network (default: only this machine)"
    )
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help=text)
    parser.add_argument("--port", type=int, default=8000, metavar="N")


def _export_options(parser):
    parser.add_argument("--workdir", required=True, metavar="DIR", help="a run or a checkpoint")
    parser.add_argument("--format", required=True, metavar="F", help="stablehlo, onnx, savedmodel")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="a file or folder")
    parser.add_argument("--batch", default="symbolic", metavar="N", help="photos (default: any)")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier export")


def _import_torch_options(parser):
    parser.add_argument("file", metavar="FILE.pth", help="a state dict, as torch.save writes it")
    parser.add_argument("--model", choices=("ssagan", "mdgan"), default="ssagan")
    parser.add_argument("--role", choices=("generator", "discriminator"), default="generator")
    parser.add_argument("--stage", type=int, choices=(1, 2), default=1, help="of a generator")
    parser.add_argument("--first", default="", metavar="PATH", help="mdgan, stage 2: its stage 1")
    parser.add_argument("--output", required=True, metavar="DIR", help="for the checkpoint")


def _reproduce_options(parser):
    names = "cloud, beach, pos, attention, losses"
    parser.add_argument("--table", required=True, metavar="NAME", help=names)
    parser.add_argument("--workdirs", default="runs/reproduce", metavar="DIR", help="of the rows")
    parser.add_argument("--train", action="store_true", help="train the rows that are missing")
    parser.add_argument("--rows", default="", metavar="A,B", help="only these rows")
    parser.add_argument("--budget", default="small", help="tiny, small (default) or full")
    parser.add_argument("--steps", type=int, default=0, metavar="N", help="instead of the budget's")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="runs of each row")
    parser.add_argument("--data_dir", metavar="DIR", help="real clips; without: synthetic ones")
    parser.add_argument("--dataset", metavar="NAME", help="another data set than the table's")
    parser.add_argument("--metrics", default="", metavar="A,B", help="also: lpips_alex, fvd, ...")
    parser.add_argument("--votes", metavar="FILE.csv", help="pos: rater,pair,left,right,chosen")
    parser.epilog = "--config.key=value goes to every row that has the key, after the budget's own"


if __name__ == "__main__":
    sys.exit(main())

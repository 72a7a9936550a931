"""Training from a configuration: everything is opened and checked, then a run takes its steps."""

import os
from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
from ml_collections import ConfigDict

from ssagan_jax.checkpoints.finding import list_steps
from ssagan_jax.config.loading import load
from ssagan_jax.config.resolution import resolve
from ssagan_jax.config.schema import Config
from ssagan_jax.data.splits import fill_cache
from ssagan_jax.distributed import processes, sharding
from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.metrics.pretrained import registry
from ssagan_jax.training import warm_start, workdirs
from ssagan_jax.training.clips import open_data
from ssagan_jax.training.compilation import compile_steps
from ssagan_jax.training.damaged_checkpoints import put_damaged_aside
from ssagan_jax.training.from_config import build_gan
from ssagan_jax.training.full_checkpoints import can_resume
from ssagan_jax.training.guards import Guards, guarding
from ssagan_jax.training.run import Run
from ssagan_jax.training.signals import StopSignal
from ssagan_jax.training.state import create
from ssagan_jax.training.tracking import check_trackers


def train(
    config: ConfigDict | str,
    workdir: str | os.PathLike[str],
    *,
    allow_config_change: bool = False,
    stop: StopSignal | None = None,
) -> Mapping[str, Any] | None:
    """Trains, or resumes from the workdir's latest checkpoint.

    Args:
      config: see ``configs/common.py``; or the name or FILE of one, with arguments or not, such as
        ``ssagan:tiny``.
      workdir: where everything is written, a folder or gs://BUCKET/FOLDER; made if it does not
        exist.
      allow_config_change: resume in a workdir that was made with another configuration.
      stop: tells of signals. Without it they are caught from the first step on, if this is the
        main thread.

    Returns:
      What ``results.json`` holds (on process 0; nothing on others), or None if the run was
      stopped by a signal.

    Raises:
      BlockingIOError: if another run holds the workdir.
      ChildProcessError: if another process could not go on.
      ValueError: for a configuration that cannot work, or a workdir of another one.
      FileNotFoundError: if the data set has not been built, or there is nothing to start from.
      FloatingPointError: at the first loss or gradient that is not finite.
    """
    if isinstance(config, str):
        config = load(config)
    with processes.print_on_primary_process():
        return _train(config, workdir, allow_config_change, stop or StopSignal())


def _train(
    settings: ConfigDict,
    folder: str | os.PathLike[str],
    allow_config_change: bool,
    stop: StopSignal,
) -> Mapping[str, Any] | None:
    processes.check_equal_devices()
    workdir = processes.run_on_all_processes(partial(paths.path, folder))
    config = processes.run_on_all_processes(partial(resolve, settings))
    processes.assert_equal_across_processes(workdirs.run_identity(config.to_json(), workdir))
    with guarding(workdir, config.watchdog, stop) as guards:
        return _train_guarded(config, workdir, allow_config_change, guards)


def _train_guarded(
    config: Config, workdir: AnyPath, allow_config_change: bool, guards: Guards
) -> Mapping[str, Any] | None:
    gan, mesh = build_gan(config), sharding.make_mesh(config.mesh.axes)
    batch_size = config.schedule.batch_size
    batch_sharding = sharding.batch_sharding(mesh, batch_size, parts=gan.micro_batches)
    initialise = jax.jit(partial(create, gan))  # one for both uses: it is traced once
    abstract = jax.eval_shape(initialise, config.seed)
    shardings = sharding.state_sharding(mesh, abstract, config.mesh.sharding_rules)

    processes.run_on_all_processes(partial(fill_cache, config.dataset))
    # Process 0 first: winds of footage are measured once and kept beside the data.
    data = processes.run_on_all_processes(
        partial(processes.run_on_primary_process_first, partial(open_data, config, gan.arrays))
    )
    stored = config.to_json()

    def check_inputs():
        registry.load_metrics(config.evaluation.metrics)  # so that an unknown one is known now
        check_trackers(config.output.trackers)
        if not allow_config_change and list_steps(workdir):  # else there is nothing to lose
            workdirs.check_workdir(workdir, stored)
            workdirs.check_data(workdir, data.identity)

    def read_warm_start():
        if can_resume(workdir):
            return {}
        return warm_start.read_warm_start(config.warm_start, gan, abstract)

    processes.run_on_all_processes(check_inputs)
    processes.run_on_primary_process(lambda: put_damaged_aside(workdir))
    parts = processes.run_on_all_processes(read_warm_start)
    processes.assert_equal_across_processes(data.identity)
    processes.run_on_primary_process(lambda: workdirs.claim_workdir(workdir, stored))
    processes.run_on_primary_process(lambda: workdirs.note_data(workdir, data.identity))
    processes.run_on_all_processes(lambda: workdirs.check_shared_workdir(workdir))
    run = Run(config, workdir, data, guards)
    try:
        state = run.resume(abstract, shardings)
        if state is None:
            state = run.start(initialise, shardings, parts)
        if int(state.step) >= config.schedule.num_steps:
            return run.finish_again(state)
        steps = compile_steps(gan, mesh, abstract, shardings, batch_size=batch_size)
        with guards.stop.saving(), guards.watchdog.phase("training", config.watchdog.step):
            finished = run.fit(state, steps, batch_sharding)
            return run.finish() if finished else None
    finally:  # where another process was lost, its part of a checkpoint may be waited for
        with guards.watchdog.phase("closing", config.watchdog.step):
            run.close()

"""The training loop: everything around the step that has effects."""

import os
import time
from collections.abc import Mapping
from functools import partial

import jax
import numpy as np
from clu import metrics as clu_metrics
from ml_collections import ConfigDict

from ssagan_jax.config.loading import load
from ssagan_jax.config.resolution import resolve
from ssagan_jax.data import pipeline
from ssagan_jax.data.splits import open_split
from ssagan_jax.distributed import processes, sharding
from ssagan_jax.evaluation.results import flatten_row
from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.metrics.pretrained import registry
from ssagan_jax.training import samples, warm_start, workdirs
from ssagan_jax.training.compilation import compile_steps
from ssagan_jax.training.from_config import build_gan
from ssagan_jax.training.full_checkpoints import Checkpoints, can_go_on
from ssagan_jax.training.progress import progress_line
from ssagan_jax.training.signals import StopSignal
from ssagan_jax.training.state import GanState, create
from ssagan_jax.training.writers import Writers


def train(
    config: ConfigDict | str, workdir: str | os.PathLike, *, allow_config_change: bool = False
) -> Mapping | None:
    """Trains, or goes on where the workdir's latest checkpoint stands.

    Args:
      config: see ``configs/common.py``; or the FILE or FILE:args of one, such as
        ``configs/ssagan.py:tiny``.
      workdir: where everything is written, a folder or gs://BUCKET/FOLDER; made if it does not
        exist.
      allow_config_change: go on in a workdir that was made with another configuration.

    Returns:
      What ``results.json`` holds (on process 0; nothing on others), or None if the run was
      stopped by a signal.

    Raises:
      ChildProcessError: if another process could not go on.
      ValueError: for a configuration that cannot work, or a workdir of another one.
      FileNotFoundError: if the data set has not been built, or there is nothing to start from.
      FloatingPointError: at the first loss or gradient that is not finite.
    """
    if isinstance(config, str):
        config = load(config)
    with processes.quiet_but_first():
        return _train(config, workdir, allow_config_change)


def _train(config, workdir, allow_config_change):
    processes.check_equal_devices()
    workdir = processes.together(partial(paths.path, workdir))
    resolved = processes.together(partial(resolve, config))
    processes.agree(workdirs.identity(resolved, workdir))
    gan, mesh = build_gan(resolved), sharding.make_mesh(resolved["mesh"])
    place = sharding.batch_sharding(mesh, resolved["batch_size"], parts=gan.micro_batches)
    make = jax.jit(partial(create, gan))  # one for both uses: it is traced once
    abstract = jax.eval_shape(make, resolved["seed"])
    places = sharding.state_sharding(mesh, abstract, resolved["sharding_rules"])

    def prepare():
        batches = _batches(resolved)
        registry.load_metrics(resolved["metrics"])  # so that an unknown one is known now
        # A missing split too, not at the first sample.
        counts = {f"{name} clips": len(open_split(resolved, name)) for name in ("train", "test")}
        if not allow_config_change:
            workdirs.check(workdir, resolved)
        given = {} if can_go_on(workdir) else warm_start.read(resolved["start_from"], gan, abstract)
        return batches, given, counts

    batches, given, counts = processes.together(prepare)
    processes.agree(counts)
    processes.on_first(lambda: workdirs.claim(workdir, resolved))
    processes.together(lambda: workdirs.check_shared(workdir))
    run = Run(resolved, workdir)
    try:
        state = run.start(make, abstract, places, batches, given)
        if int(state.step) >= resolved["num_steps"]:
            return run.finish_again(state)
        steps = compile_steps(resolved, gan, mesh, abstract, places)
        with run.signal.caught():
            finished = run.fit(state, steps, batches, place)
        return run.finish() if finished else None
    finally:
        run.close()


class Run:
    """One process's run in one workdir: its files, its clock, its signals."""

    def __init__(self, config: Mapping, workdir: AnyPath):
        self.config, self.workdir = config, workdir
        self.checkpoints = Checkpoints(workdir, keep=config["keep_checkpoints"])
        self.writers = None
        self.results = {}
        self.pending = []  # (step, metrics) not yet written
        self.signal = StopSignal()
        self.vote = processes.Vote()

    def start(self, make, abstract: GanState, places, batches, given: Mapping) -> GanState:
        """A new state with what it is given, or the latest checkpoint's, data where it was."""
        latest = self.checkpoints.latest
        if latest is None:
            # Drawn where it lies; the parameters are the same to the bit however it is split.
            state = jax.jit(make, out_shardings=places)(self.config["seed"])
            state = warm_start.put(state, given)
        else:
            wanted = jax.tree.map(
                lambda x, s: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=s), abstract, places
            )
            state, position = self.checkpoints.restore(latest, wanted)
            batches.set_state(pipeline.local_position(position, jax.process_count()))
            print(f"Going on at step {latest}, from {self.workdir}/checkpoints/{latest}.")
        processes.on_first(lambda: self._open(latest, state))
        return state

    def _open(self, latest: int | None, state: GanState):
        """The files that process 0 writes."""
        self.writers = Writers(self.workdir, step=latest or 0, backend=self.config["tensorboard"])
        if latest is None:
            samples.overview(self.workdir, state)

    def fit(self, state: GanState, steps, batches, batch_sharding) -> bool:
        """Steps to the end; False if a signal stopped it (the state is saved either way)."""
        config, step = self.config, int(state.step)
        self.clock, self.clock_step = time.time(), step
        position = _position(batches)
        batch = sharding.put_batch(next(batches), batch_sharding)
        while step < config["num_steps"] and not self.stopping():
            step += 1
            with jax.transfer_guard("disallow"):
                state, metrics = steps["discriminator"](state, batch)
                if step % config["n_critic"] == 0:
                    state, g_metrics = steps["generator"](state, batch)
                    metrics |= g_metrics
            self.vote.cast(self.signal.came)
            self.pending.append((step, metrics))
            position = _position(batches)  # before the look-ahead below
            batch = sharding.put_batch(next(batches), batch_sharding)
            self.after(step, state, position)
        if step < config["num_steps"]:
            self.log(step, state)
            if self.checkpoints.latest != step:
                self.save(step, state, position)
            self.checkpoints.wait()
            name = self.signal.name or "a signal to another process"
            print(f"Stopped by {name} at step {step}, saved. The same command goes on.")
        return step >= config["num_steps"]

    def stopping(self) -> bool:
        """Whether all processes stop now."""
        return self.vote.decided(self.signal.came)

    def after(self, step: int, state: GanState, position: Mapping):
        """What is due at this step: log, sample, evaluate, save, in this order."""
        config, last = self.config, step == self.config["num_steps"]
        due = {
            name: last or (config[f"{name}_every"] and step % config[f"{name}_every"] == 0)
            for name in ("log", "sample", "eval", "checkpoint")
        }
        if any(due.values()):
            self.log(step, state)  # first: nothing that is not finite is sampled or saved
        if self.stopping() and not last:
            return  # little time is left: ``fit`` saves at once
        try:
            score = self.show(step, state, due) if due["sample"] or due["eval"] else None
        except BaseException:
            self.save(step, state, position)  # whatever went wrong, the steps are not lost
            self.checkpoints.wait()
            raise
        if due["checkpoint"] or due["eval"]:
            self.save(step, state, position, score=score)
        if any(due.values()):
            self.clock, self.clock_step = time.time(), step

    def show(self, step: int, state: GanState, due: Mapping[str, bool]) -> float | None:
        """Samples and scores, on process 0; what "best" goes by, on all of them."""
        variables = self.variables(state)

        def work():
            if due["sample"]:
                samples.write(self.workdir, step, variables, self.config, self.writers)
                self.draw()
            return self.evaluate(step, variables) if due["eval"] else None

        return processes.on_first(work)

    def variables(self, state: GanState) -> dict:
        """The generator's, whole, with the averaged parameters where there are any."""
        return sharding.whole(state.inference)

    def log(self, step: int, state: GanState):
        """Writes the mean of every pending metric and prints the progress line."""
        if not self.pending:
            return
        pending, self.pending = jax.device_get(self.pending), []
        self._refuse_non_finite(pending)
        values = {}
        for name in sorted({name for _, metrics in pending for name in metrics}):
            found = np.asarray([metrics[name] for _, metrics in pending if name in metrics])
            values[name] = _mean(found)
        if not processes.first():
            return
        values |= samples.gammas(state.generator.params)
        values["speed/steps_per_s"] = (step - self.clock_step) / (time.time() - self.clock)
        self.writers.scalars(step, values)
        print(progress_line(step, self.config["num_steps"], values), flush=True)

    def _refuse_non_finite(self, pending):
        for step, metrics in pending:
            bad = [name for name, value in metrics.items() if not np.isfinite(value)]
            if bad:
                self.checkpoints.wait()
                good = self.checkpoints.latest
                where = f"{self.workdir}/checkpoints/{good}" if good is not None else "none yet"
                raise FloatingPointError(
                    f"Step {step}: {', '.join(bad)} is not finite. Last good checkpoint: {where}. "
                    "A lower config.optimizer.learning_rate or another recipe may help."
                )

    def evaluate(self, step: int, variables: Mapping) -> float | None:
        """Scores the test split, writes ``results.json``; returns what "best" goes by."""
        self.results = samples.evaluate(self.workdir, step, variables, self.config)
        scores = self.results["rows"]["prediction"]
        values = {
            f"eval/{name}": value
            for name, value in flatten_row(scores).items()
            if isinstance(value, float)
        }
        self.writers.scalars(step, values)
        return scores["author"]["psnr_clip"]

    def save(self, step: int, state: GanState, position: Mapping, *, score: float | None = None):
        """Starts writing a checkpoint."""
        self.checkpoints.save(step, state, data=position, config=self.config, score=score)

    def finish_again(self, state: GanState) -> Mapping:
        """Of a run that has no step left: scores it once more."""
        step, variables = int(state.step), self.variables(state)
        print(f"All {self.config['num_steps']} steps are done already.")

        def score():
            self.results = samples.evaluate(self.workdir, step, variables, self.config)

        processes.on_first(score)
        return self.finish()

    def draw(self):
        """The curves so far, in place of those before."""
        from ssagan_jax.viz import (
            training_curves,  # matplotlib, late: a fifth of a second before step 1
        )

        training_curves.plot_losses(self.workdir / "metrics.jsonl", self.workdir / "losses.png")

    def finish(self) -> Mapping:
        """Waits for the disk, draws the curves, says where everything is."""
        self.checkpoints.wait()
        if processes.first():
            self.draw()
            print(workdirs.summary(self.workdir, self.checkpoints))
        return self.results

    def close(self):
        """Releases files and threads."""
        self.checkpoints.close()
        if self.writers:
            self.writers.close()


def _mean(values: np.ndarray) -> float:
    # Not ``from_model_output``: it compiles ten programs for each number of values.
    return float(clu_metrics.Average(total=values.sum(), count=values.size).compute())


def _position(batches):
    return pipeline.global_position(batches.get_state(), jax.process_count())


def _batches(config):
    options = config["dataset"]
    return pipeline.train_batches(
        open_split(config, "train"),
        batch_size=config["batch_size"],
        seed=config["seed"],
        flip=options["flip"],
        process_index=jax.process_index(),
        process_count=jax.process_count(),
    )

"""One run in one workdir: its steps, and everything around them that has effects."""

import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import NamedSharding

from ssagan_jax.config.schema import Config
from ssagan_jax.distributed import processes, sharding
from ssagan_jax.evaluation.results import flatten_row
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.training import samples, warm_start, workdirs
from ssagan_jax.training.clips import Data
from ssagan_jax.training.from_config import learning_rate
from ssagan_jax.training.full_checkpoints import Checkpoints
from ssagan_jax.training.guards import Guards
from ssagan_jax.training.non_finite import NonFiniteError, Policy
from ssagan_jax.training.progress import mean_metrics, progress_line
from ssagan_jax.training.state import GanState
from ssagan_jax.training.tracking import TENSORBOARD, Tracking
from ssagan_jax.training.writers import Writers


class Run:
    """One process's run in one workdir: its files, its clock, its signals."""

    def __init__(self, config: Config, workdir: AnyPath, data: Data, guards: Guards):
        self.config, self.workdir, self.data, self.guards = config, workdir, data, guards
        self.checkpoints = Checkpoints(workdir, keep=config.output.keep_checkpoints)
        self.writers: Writers | None = None  # of the primary process
        self.results: Mapping[str, Any] = {}
        self.pending: list[tuple[int, Mapping[str, jax.Array]]] = []  # metrics not yet written
        self.signal, self.watchdog = guards.stop, guards.watchdog
        self.preemption = processes.PreemptionSync()
        self.non_finite = Policy(config.non_finite)

    def start(
        self, initialise: Callable, shardings: GanState, parts: warm_start.WarmStart
    ) -> GanState:
        """A new state, with trained parts where there are any."""
        # Drawn where it lies; the parameters are the same to the bit however it is split.
        state = jax.jit(initialise, out_shardings=shardings)(self.config.seed)
        state = warm_start.apply_warm_start(state, parts)

        def open_files():
            self._open_writers(step=0)
            samples.write_parameter_overview(self.workdir, state)

        processes.run_on_primary_process(open_files)
        return state

    def resume(self, abstract: GanState, shardings: GanState) -> GanState | None:
        """The latest checkpoint's state, and the data where it was; None without a checkpoint."""
        latest = self.checkpoints.latest
        if latest is None:
            return None
        wanted = jax.tree.map(_at, abstract, shardings)
        state, position = self.checkpoints.restore(latest, wanted, checked=True)
        self.data.go_to(position)
        print(f"Going on at step {latest}, from {self.workdir}/checkpoints/{latest}.")
        processes.run_on_primary_process(lambda: self._open_writers(step=latest))
        return state

    def _open_writers(self, *, step: int) -> None:
        if self.writers:
            self.writers.close()
        output = self.config.output
        self.writers = Writers(
            self.workdir,
            step=step,
            backend=output.tensorboard if TENSORBOARD in output.trackers else "",
            tracking=Tracking(output.trackers, self.workdir, self.config.to_json()),
        )

    def fit(
        self, state: GanState, steps: Mapping[str, Callable], batch_sharding: NamedSharding
    ) -> bool:
        """Steps to the end; False if a signal stopped it (the state is saved either way)."""
        schedule, data, step = self.config.schedule, self.data, int(state.step)
        self.watchdog.alive(step)
        self.restart_clock(step)
        position = data.position
        if self.config.non_finite.policy == "rollback" and self.checkpoints.latest is None:
            self.save(step, state, position)  # so that there is one to go back to
        batch = sharding.put_batch(next(data.batches), batch_sharding)
        while step < schedule.num_steps and not self.stopping():
            step += 1
            with jax.transfer_guard("disallow"):
                metrics: dict[str, jax.Array] = {}
                for program in schedule.programs(step):
                    state, more = steps[program](state, batch)
                    metrics |= more
            self.preemption.update(self.signal.received)
            self.pending.append((step, metrics))
            position = data.position  # before the look-ahead below
            batch = sharding.put_batch(next(data.batches), batch_sharding)
            try:
                self.after_step(step, state, position)
            except NonFiniteError as fault:
                state = self.roll_back(fault, state)
                step = int(state.step)
            self.watchdog.alive(step)
        finished = step >= schedule.num_steps and not self.broken_off()
        if not finished:
            self.save_stopped(step, state, position)
        return finished

    def broken_off(self) -> bool:
        """Whether a signal broke off the last scores, on the process that makes them."""
        return bool(processes.run_on_primary_process(lambda: float(self.signal.received)))

    def stopping(self) -> bool:
        """Whether all processes stop now."""
        return self.preemption.reached(self.signal.received)

    def after_step(self, step: int, state: GanState, position: Mapping[str, Any]) -> None:
        """What is due at this step: log, save, sample, evaluate, in this order."""
        output, last = self.config.output, step == self.config.schedule.num_steps

        def due(every: int) -> bool:
            return last or (every > 0 and step % every == 0)

        log, sample = due(output.log_every), due(output.sample_every)
        save, score = due(output.checkpoint_every), due(self.config.evaluation.every)
        if not (log or sample or save or score):
            return
        self.log(step, state)  # first: nothing that is not finite is sampled or saved
        if self.stopping() and not last:
            return  # little time is left: ``fit`` saves at once
        if save or score:  # before what takes long and may fail
            self.save(step, state, position)
        if sample or score:
            try:
                best_by = self.show(step, state, sample=sample, score=score)
            except BaseException:
                if not (save or score):  # whatever went wrong, the steps are not lost
                    with contextlib.suppress(NonFiniteError):
                        self.save(step, state, position)
                self.checkpoints.wait()
                raise
            if best_by is not None:
                self.checkpoints.record_score(step, best_by)
        self.restart_clock(step)

    def restart_clock(self, step: int) -> None:
        """Speed is measured from here on."""
        self.clock, self.clock_step = time.time(), step

    def show(self, step: int, state: GanState, *, sample: bool, score: bool) -> float | None:
        """Samples and scores, on the primary process; what "best" goes by, on all of them."""
        variables = sharding.fetch_global(state.inference)

        def work() -> float | None:
            if sample:
                assert self.writers is not None  # open on the primary process
                samples.write_samples(
                    self.workdir,
                    step,
                    self.config.generator,
                    variables,
                    self.data.test,
                    self.writers.picture,
                )
                self.draw_curves()
            return self.evaluate(step, variables) if score else None

        with self.watchdog.phase("evaluation", self.config.watchdog.evaluation):
            return processes.run_on_primary_process(lambda: self.signal.run_unless_received(work))

    def log(self, step: int, state: GanState) -> None:
        """Writes the mean of every pending metric and prints the progress line."""
        if not self.pending:
            return
        pending, self.pending = jax.device_get(self.pending), []
        pending = self.non_finite.checked(pending)
        if self.writers is None:  # not the primary process
            return
        values = mean_metrics(pending) | samples.gammas(state.generator.params)
        values["speed/steps_per_s"] = (step - self.clock_step) / (time.time() - self.clock)
        values |= self.non_finite.counts()
        self.writers.scalars(step, values)
        print(progress_line(step, self.config.schedule.num_steps, values), flush=True)

    def roll_back(self, fault: NonFiniteError, state: GanState) -> GanState:
        """The last good checkpoint's state, to go on from with the batches that come next.

        Raises:
          FloatingPointError: with a report, if the policy is another or was tried enough.
        """
        self.checkpoints.wait()
        good = self.checkpoints.latest
        if good is None or not self.non_finite.may_roll_back():
            rate = float(learning_rate(self.config.optimizer)(jnp.asarray(fault.step - 1)))
            where = "none yet" if good is None else f"{self.workdir}/checkpoints/{good}"
            raise FloatingPointError(self.non_finite.report(fault, rate=rate, good=where))
        wanted = jax.tree.map(lambda x: _at(x, x.sharding), state)
        state, _ = self.checkpoints.restore(good, wanted)
        state, self.pending = self.non_finite.roll_back(fault, good, state), []
        processes.run_on_primary_process(lambda: self._open_writers(step=good))
        self.restart_clock(good)
        return state

    def score_test_clips(self, step: int, variables: Mapping[str, Any]) -> None:
        """Scores the test split and writes ``results.json``."""
        self.results = samples.score_test_clips(
            self.workdir,
            step,
            self.config.generator,
            variables,
            self.data.test,
            self.config.evaluation,
        )

    def evaluate(self, step: int, variables: Mapping[str, Any]) -> float:
        """Scores the test split and logs the scores; returns what "best" goes by."""
        assert self.writers is not None  # open on the primary process
        self.score_test_clips(step, variables)
        scores = self.results["rows"]["prediction"]
        values = {
            f"eval/{name}": value
            for name, value in flatten_row(scores).items()
            if isinstance(value, float)
        }
        self.writers.scalars(step, values)
        return scores["author"]["psnr_clip"]

    def save(self, step: int, state: GanState, position: Mapping[str, Any]) -> None:
        """Starts writing a checkpoint.

        Raises:
          NonFiniteError: if an array of the state is not finite; then nothing is written.
        """
        self.guards.check_lock()
        self.non_finite.check_state(step, state)
        self.checkpoints.save(step, state, data=position, config=self.config.to_json())
        self.non_finite.saved(step)

    def save_stopped(self, step: int, state: GanState, position: Mapping[str, Any]) -> None:
        """What a signal leaves time for: log, save, say how to go on."""
        saved = "saved"
        try:
            self.log(step, state)
            if self.checkpoints.latest != step:
                self.save(step, state, position)
        except NonFiniteError as fault:
            saved = f"not saved ({fault})"
        self.checkpoints.wait()
        name = self.signal.name or "a signal to another process"
        print(f"Stopped by {name} at step {step}, {saved}. The same command goes on.")

    def finish_again(self, state: GanState) -> Mapping[str, Any]:
        """Of a run that has no step left: what was broken off, else its scores once more."""
        step = int(state.step)
        print(f"All {self.config.schedule.num_steps} steps are done already.")
        if not self.checkpoints.is_scored(step):
            best_by = self.show(step, state, sample=True, score=True)
            if best_by is not None:
                self.checkpoints.record_score(step, best_by)
            return self.finish()
        variables = sharding.fetch_global(state.inference)
        with self.watchdog.phase("evaluation", self.config.watchdog.evaluation):
            processes.run_on_primary_process(lambda: self.score_test_clips(step, variables))
        return self.finish()

    def draw_curves(self) -> None:
        """The curves so far, in place of those before."""
        # Imported late: matplotlib takes a fifth of a second, which step 1 need not wait for.
        from ssagan_jax.viz import training_curves

        training_curves.plot_losses(self.workdir / "metrics.jsonl", self.workdir / "losses.png")

    def finish(self) -> Mapping[str, Any]:
        """Waits for the disk, draws the curves, says where everything is."""
        self.checkpoints.wait()
        if processes.is_primary_process():
            self.draw_curves()
            latest, best = self.checkpoints.latest, self.checkpoints.best
            print(workdirs.summarise_workdir(self.workdir, latest=latest, best=best))
        return self.results

    def close(self) -> None:
        """Releases files and threads."""
        self.checkpoints.close()
        if self.writers:
            self.writers.close()


def _at(array: Any, sharding: Any) -> jax.ShapeDtypeStruct:
    """What to restore into: an array's shape, dtype and place."""
    return jax.ShapeDtypeStruct(array.shape, array.dtype, sharding=sharding)

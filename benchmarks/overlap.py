"""What the host does while a step runs: a few steps of the real loop, traced. Used by input.py."""

import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import jax
from jax.profiler import ProfileData, TraceAnnotation

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.data import pipeline
from ssagan_jax.data.splits import open_split
from ssagan_jax.distributed import sharding
from ssagan_jax.training import compilation, run
from ssagan_jax.training.clips import Data
from ssagan_jax.training.from_config import build_gan
from ssagan_jax.training.state import create

STEPS = 8
CLIP, WAIT = "clip read", "loop waits for a batch"
# Lines of a trace on which compiled programs run, and what else is on them.
CPU_LINE, OTHER = "tf_XLAEigen", "ThreadpoolListener"
GPU_PLANE, GPU_LINE = "/device:", "Stream"

Spans = list[tuple[float, float]]  # begin and end in seconds


class Annotated:
    """A source whose reading shows in the trace."""

    def __init__(self, source):
        self._source = source

    def __len__(self):
        return len(self._source)

    def __getitem__(self, index):
        with TraceAnnotation(CLIP):
            return self._source[index]


class Waited:
    """Batches whose waiting shows in the trace."""

    def __init__(self, batches):
        self._batches = batches
        self.get_state = batches.get_state

    def __next__(self):
        with TraceAnnotation(WAIT):
            return next(self._batches)


class Quiet(run.Run):
    """The loop without what is written."""

    def after_step(self, step, state, position):
        self.last = self.pending.pop()

    def save(self, *_, **__):
        pass


class Training:
    """A configuration's compiled step, its state and its batches."""

    def __init__(self, spec: str, overrides: list[str], folder: str):
        settings = loading.load(spec, [*overrides, f"--config.num_steps={STEPS}"])
        self.config = resolve(settings)
        gan, mesh = build_gan(self.config), sharding.make_mesh(self.config.mesh.axes)
        batch_size = self.config.schedule.batch_size
        self.batch_sharding = sharding.batch_sharding(mesh, batch_size)
        make = jax.jit(lambda seed: create(gan, seed))
        abstract = jax.eval_shape(make, 0)
        shardings = sharding.state_sharding(mesh, abstract, self.config.mesh.sharding_rules)
        self.state = jax.device_put(make(self.config.seed), shardings)
        self.steps = compilation.compile_steps(
            gan, mesh, abstract, shardings, batch_size=batch_size
        )
        self.folder = folder

    def batches(self):
        dataset = self.config.dataset
        source = Annotated(open_split(dataset, "train", self.config.seed))
        batch_size = self.config.schedule.batch_size
        return Waited(
            pipeline.train_batches(source, batch_size=batch_size, seed=0, flip=dataset.flip)
        )

    def step_seconds(self, count: int = 3) -> float:
        """Mean of a step, by the schedule's share of generator updates; after a warm-up."""
        batch = sharding.put_batch(next(self.batches()), self.batch_sharding)
        seconds = {}
        for role, step in self.steps.items():
            times = []
            for _ in range(count + 1):
                start = time.perf_counter()
                self.state, _ = jax.block_until_ready(step(self.state, batch))
                times.append(time.perf_counter() - start)
            seconds[role] = sorted(times[1:])[count // 2]
        every = {"generator": self.config.schedule.n_critic}
        return sum(one / every.get(role, 1) for role, one in seconds.items())

    def fit(self) -> None:
        """The loop itself, to the end."""
        data = Data(self.batches(), open_split(self.config.dataset, "test", self.config.seed), {})
        run = Quiet(self.config, Path(self.folder), data)
        try:
            run.fit(self.state, self.steps, self.batch_sharding)
            jax.block_until_ready(run.last)
        finally:
            run.close()


def report(spec: str, overrides: list[str]) -> None:
    """Traces the loop and prints how the host's work lies beside the device's."""
    with tempfile.TemporaryDirectory() as folder:
        training = Training(spec, overrides, folder)
        options = jax.profiler.ProfileOptions()
        options.python_tracer_level = 0
        with jax.profiler.trace(f"{folder}/trace", profiler_options=options):
            training.fit()
        (found,) = Path(folder).glob("trace/**/*.xplane.pb")
        work, copies, host = read(ProfileData.from_file(str(found)))
    busy = union(work)
    begin, end = busy[0][0], busy[-1][1]
    inside = {name: clip(spans, begin, end) for name, spans in host.items()}
    idle = (end - begin) - total(busy)
    late = total(union(inside[WAIT])) - shared(inside[WAIT], busy)
    rows = (
        (f"{STEPS} steps, from the first program's start to the last one's end", end - begin),
        ("of that, no program ran", idle),
        ("of that, the loop waited for a batch", late),
        ("clips read in these seconds, all threads", total(inside[CLIP])),
        ("of that, while a program ran", shared(inside[CLIP], busy)),
        ("copies of batches to the device", total(copies)),
        ("of that, while a program ran", shared(copies, busy)),
    )
    print(f"{spec} {' '.join(overrides)}, {jax.devices()[0].device_kind}\n")
    print("| | s |\n|---|---|")
    for name, seconds in rows:
        print(f"| {name} | {seconds:.4f} |")


def read(profile: ProfileData) -> tuple[Spans, Spans, dict[str, Spans]]:
    """Spans of compiled programs, of copies to the device, and of what we annotated."""
    work, copies, host = [], [], {CLIP: [], WAIT: []}
    for plane in profile.planes:
        gpu = plane.name.startswith(GPU_PLANE)
        for line in plane.lines:
            runs = line.name.startswith(GPU_LINE if gpu else CPU_LINE)
            for event in line.events:
                span = event.start_ns / 1e9, event.end_ns / 1e9
                if event.name in host:
                    host[event.name].append(span)
                elif "H2D" in event.name:
                    copies.append(span)
                elif runs and not event.name.startswith(OTHER) and "Memcpy" not in event.name:
                    work.append(span)
    return work, copies, host


def union(spans: Iterable[tuple[float, float]]) -> Spans:
    """The same seconds in spans apart from each other, in order."""
    apart: Spans = []
    for begin, end in sorted(spans):
        if apart and begin <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((begin, end))
    return apart


def clip(spans: Spans, begin: float, end: float) -> Spans:
    """What of the spans lies between ``begin`` and ``end``."""
    return [(max(a, begin), min(b, end)) for a, b in spans if b > begin and a < end]


def total(spans: Spans) -> float:
    return sum(end - begin for begin, end in spans)


def shared(spans: Spans, busy: Spans) -> float:
    """Seconds of the spans, each by itself, that lie within ``busy``."""
    return sum(total(clip(busy, begin, end)) for begin, end in spans)

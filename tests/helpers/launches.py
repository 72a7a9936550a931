"""The same command, ``ssagan train`` with stub networks, in one or several processes."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CONFIG = [
    f"--config={ROOT}/configs/ssagan.py:tiny",
    "--config.optimizer.name=sgd",
    "--config.optimizer.learning_rate=0.05",
    "--config.num_steps=6",
    "--config.n_critic=1",
    "--config.sample_every=0",
    "--config.checkpoint_every=100",
    "--config.eval_clips=5",  # which neither two nor four divide
]

# The one large kernel of the stub lies in halves on two processes.
SPLIT = [
    "--config.mesh=(('data',-1),('fsdp',2))",
    "--config.sharding_rules=(('generator.*dense/kernel',(None,'fsdp')),)",
]


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def start(processes, workdir, *, before=(), options=None, after=(), env=None):
    """The running processes.

    ``before``: of helpers/processes.py; ``after``: further options; ``options`` and ``env``:
    {process: what only this one gets}.
    """
    port, running = free_port(), []
    for index in range(processes):
        program = [sys.executable, str(ROOT / "tests" / "helpers" / "processes.py")]
        command = [*program, *before, "train", *CONFIG, f"--workdir={workdir}", *after]
        command += (options or {}).get(index, ())
        if processes > 1:
            command += [f"--coordinator=127.0.0.1:{port}", f"--processes={processes}"]
            command += [f"--process_id={index}", f"--devices={processes}", *SPLIT]
        own = {"PYTHONPATH": str(ROOT), "XLA_FLAGS": "", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        own |= (env or {}).get(index, {})
        running.append(subprocess.Popen(command, env={**os.environ, **own}, **pipes))
    return running


def launch(processes, workdir, *, victim=None, **how):
    """The finished processes: exit status, what each printed, its errors.

    One that hangs or is killed is the ``victim``: the others are waited for.
    """
    running = start(processes, workdir, **how)
    try:
        texts = {
            index: process.communicate(timeout=300)
            for index, process in enumerate(running)
            if index != victim
        }
    finally:
        for process in running:
            process.kill()
    if victim is not None:
        texts[victim] = running[victim].communicate()
    return [(p.returncode, *texts[index]) for index, p in enumerate(running)]

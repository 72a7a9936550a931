# %% [markdown]
# # Train a small SSA-GAN
#
# The quickstart: 64 px, 16 frames, 250 steps on painted clips that need no download. It shows
# what training does, what the numbers say, and why a still picture stands beside every one of
# them.
#
# About six minutes on two CPU cores.

# %% [markdown]
# ## Install
#
# From a clone of the project, or where it is installed, this finds it and installs nothing.

# %% tags=["install"]
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

# The project has no public address yet. When it has one, it goes here, for Colab:
REPOSITORY = ""  # for example https://github.com/OWNER/ssagan_jax.git
VERSION = "v0.1.0"  # the tag that this notebook was written for


def installed(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def checkout():
    """The clone that this notebook lies in, or that an earlier run of this cell made."""
    folders = [Path.cwd(), *Path.cwd().parents, Path.cwd() / "ssagan"]
    return next((x for x in folders if (x / "ssagan_jax" / "__init__.py").is_file()), None)


if sys.version_info < (3, 11):
    raise RuntimeError(f"Python {sys.version.split()[0]} is too old: 3.11 or later is needed.")
clone = checkout()
if clone is None and not installed("ssagan_jax"):
    if not REPOSITORY:
        raise RuntimeError(
            "ssagan_jax is not here, and has no public address yet. Clone or upload the project "
            "into this folder under the name ssagan, or put its address into REPOSITORY above."
        )
    command = ["git", "clone", "--depth=1", f"--branch={VERSION}", REPOSITORY, "ssagan"]
    subprocess.run(command, check=True)
    clone = checkout()
if not installed("ssagan_jax"):
    # JAX stays as it is: Colab's fits its GPUs' and TPUs' drivers, and an upgrade would bring one
    # that may not. --no-deps would leave out what is missing, and of which versions, for somebody
    # to list here; so pip resolves as always, but may not touch these, nor NumPy, which a running
    # notebook has loaded. If it finds nothing that fits them, it says so and changes nothing.
    kept = {x.name: x.version for x in metadata.distributions() if x.name}
    kept = {k: v for k, v in kept.items() if k.lower().startswith(("jax", "numpy", "libtpu"))}
    constraints = Path(tempfile.mkdtemp()) / "kept.txt"
    constraints.write_text("".join(f"{k}=={v}\n" for k, v in kept.items() if k != "jaxtyping"))
    pip = [sys.executable, "-m", "pip", "install", "-q", f"--constraint={constraints}"]
    if subprocess.run([*pip, f"--editable={clone}"]).returncode:
        raise RuntimeError(
            f"Nothing that ssagan_jax needs fits jax {installed('jax')} here (pip's words are "
            'above). On Colab: pip install --upgrade "jax[cuda12]>=0.10", then Runtime > Restart '
            "session, and this cell again."
        )
if clone:
    sys.path.insert(0, str(clone))  # pip's own entry is read at the next start only
print(f"ssagan_jax {installed('ssagan_jax')}, {'from a clone' if clone else 'installed'}")

# %% [markdown]
# ## Check

# %%
from ssagan_jax.viz import notebook

FULL = False  # True: the paper's model, 128 px, 32 frames, batch 16, for 5,000 steps; needs a GPU

notebook.check(accelerator=FULL)

# %% [markdown]
# ## What is trained
#
# A configuration is a file under `configs/` and what is set over it. The generator is a 3-D U-Net
# with attention at every level; the discriminator a small 3-D convolutional network.

# %%
STEPS = notebook.steps(5000 if FULL else 250)
WORKDIR = "runs/notebooks/train_full" if FULL else "runs/notebooks/train_tiny"

config = notebook.load_config(
    "ssagan" if FULL else "quickstart",
    {
        "num_steps": STEPS,
        "sample_every": max(1, STEPS // 2),
        "checkpoint_every": max(1, STEPS // 2),
        "log_every": max(1, min(10, STEPS // 4)),
        "eval_clips": 32 if STEPS >= 100 else 8,
    },
)
for key in ("dataset", "generator", "generator_losses", "discriminator_losses"):
    print(key, dict(config[key]))

# %% [markdown]
# ## The data
#
# Painted time-lapses. The wind blows to the right in all of them, so that a network without noise
# can know where the clouds go; real wind it cannot know.

# %%
FRAMES = config.dataset.frames
reals = notebook.painted_clips(3, size=config.dataset.size, frames=FRAMES)
notebook.show_clips({f"test clip {i}": real for i, real in enumerate(reals)}, width=192)

# %% [markdown]
# ## Training
#
# Each step updates the discriminator, then the generator. Stop it (the square) and run the cell
# again: it goes on where it stopped.

# %%
from ssagan_jax import animate, evaluate, load_animator, train

results = train(config, WORKDIR)

# %% [markdown]
# ## Losses
#
# `g/l1` is the distance from the real clip, in [-1, 1] units, before its weight: it falls fast,
# since the network starts from the photo. `d/vanilla` near 1.39 = 2 ln 2 means that the
# discriminator cannot tell real from made; far below, that it can. `gamma` is how much of what
# attention gathers is added at each level: it starts at 0 and stays small in so few steps.

# %%
notebook.show_picture(f"{WORKDIR}/losses.png", width=800)

# %% [markdown]
# ## Samples
#
# Photo, real clip and generated clip of test photos. The network saw the photo only.

# %%
from pathlib import Path

notebook.show_picture(max(Path(WORKDIR, "samples").glob("*.png")), width=1000)

# %%
import numpy as np

real = reals[0]
generated = np.stack(list(animate(real[0], load_animator(WORKDIR), size="model")))
notebook.show_clips({"real": real, "generated": generated})

# %% [markdown]
# ## Scores, beside the still picture
#
# `prediction` is the network, `still` the photo repeated. Two conventions: `author` as the
# paper's code computes, `standard` as most papers since; in `author` the mean PSNR flatters every
# network (why: the notebook `results`). Below each number its 95 % interval.

# %%
scores = evaluate(WORKDIR)

# %%
notebook.show_picture(f"{WORKDIR}/results.png", width=800)

# %% [markdown]
# ## What "energy" means
#
# The mean squared change from each frame to the next; `energy_ratio` divides it by that of the
# real clips. The still picture has 0, real clips have 1. It says how *much* a clip changes, not
# how well: flicker has a lot of it. So nothing is judged by it alone, nor by PSNR alone.


# %%
def energy(clip):
    return np.mean(np.diff(clip.astype(np.float32), axis=0) ** 2)


repeated = np.repeat(real[:1], FRAMES, axis=0)
flicker = np.random.default_rng(0).integers(-30, 31, repeated.shape)
candidates = {
    "real": real,
    "still picture": repeated,
    "still picture with flicker": np.clip(repeated + flicker, 0, 255).astype(np.uint8),
    "generated": generated,
    "real, half as fast": np.repeat(real, 2, axis=0)[:FRAMES],
}
notebook.show_clips(
    {f"{k}: {energy(v) / energy(real):.2f}": v for k, v in candidates.items()}, width=160
)

# %% [markdown]
# ## A page to send to a colleague

# %%
from ssagan_jax.cli.main import main as ssagan

status = ssagan(["report", f"--workdir={WORKDIR}"])

# %% [markdown]
# # Animate a photo
#
# A photo in, a moving clip out. Without a photo of yours it takes a painted landscape.
#
# Fifteen seconds on two CPU cores.

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

FULL = False  # True: a clip of 256 frames

notebook.check()

# %% [markdown]
# ## The photo
#
# JPEG, PNG or WebP, of at least the model's 64 x 64 pixels. Skies, clouds and sea are what the
# model knows.

# %%
PHOTO = ""  # its path; "upload": choose one (on Colab); "": a painted landscape

photo = notebook.photo(PHOTO)
print(f"{photo.shape[1]} x {photo.shape[0]} pixels")
notebook.show_picture(photo, width=256)

# %% [markdown]
# ## The model
#
# The small one that comes with the package, or a run of yours.

# %%
from ssagan_jax import animate, load_animator

WORKDIR = None  # for example "runs/notebooks/train_tiny"

animator = load_animator(WORKDIR)
print(f"It sees {animator.size} x {animator.size} pixels and makes {animator.frames} frames.")

# %% [markdown]
# ## The clip
#
# The network sees the whole photo as a small square and says what moves there, and how; the
# photo's own pixels are then moved, so that all stays sharp. (Of a model that repaints pixels
# instead, as the paper's do, the change is added to the photo.)
#
# Where the wind blows is yours to choose: on Colab with a slider, elsewhere by the number.
#
# `size` is the long side at most, in pixels (`"native"`: the photo's own; a phone's photo is then
# gigabytes of frames, which `ssagan generate` writes one by one); `loop` leads the end into the
# beginning, `speed` is that of the motion, `frames` how many there are. `mask` is white where the
# photo may move, or `"sky"`. Frames are computed as they are taken.

# %%
import numpy as np

DIRECTION = 0  # @param {type: "slider", min: 0, max: 345, step: 15}
LIKELY = False  # @param {type: "boolean"}
# Degrees: 0 blows to the right, 90 up, 180 to the left. LIKELY: what the model finds likely.

LENGTH = 256 if FULL else None
wind = DIRECTION if animator.takes_wind and not LIKELY else None
look = dict(size=640, loop=True, frames=LENGTH, wind=wind)

frames = animate(photo, animator, **look, side_by_side=True)
both = np.stack(list(frames))
small, clip = both[0, :, : frames.width // 2], both[:, :, frames.width // 2 :]
notebook.show_clips({"photo and clip": both}, width=512)

# %% [markdown]
# The same as one small moving picture:

# %% tags=["figure"]
notebook.show_moving(clip, width=256)

# %% [markdown]
# Its frames, beside the photo:

# %%
notebook.show_frames({"photo": small, "clip": clip})

# %% [markdown]
# ## What changed
#
# The mean change of each place over the clip: bright moves, black stands still. Buildings and
# hills should be dark.

# %%
change = np.mean([np.abs(frame.astype(np.float32) - clip[0]).mean(-1) for frame in clip], axis=0)
shades = (255 * change / max(change.max(), 1)).astype(np.uint8)
notebook.show_picture(np.repeat(shades[..., None], 3, axis=2), width=256)

# %% [markdown]
# ## What the network itself makes
#
# Its own small clip, stretched to the photo's shape.

# %%
notebook.show_clips({"model's size": np.stack(list(animate(photo, animator, size="model")))})

# %% [markdown]
# ## Files
#
# The command is, in a terminal: `ssagan generate photo.png -o sky.mp4 --wind=right --loop --gif`.

# %%
from PIL import Image

from ssagan_jax.cli.main import main as ssagan

Path("runs/notebooks").mkdir(parents=True, exist_ok=True)
Image.fromarray(photo).save("runs/notebooks/photo.png")
options = ["--size=640", "--loop", "--gif", "--overwrite"]
options += [f"--wind={wind}"] if wind is not None else []
options += [f"--workdir={WORKDIR}"] if WORKDIR else []
status = ssagan(["generate", "runs/notebooks/photo.png", "-o", "runs/notebooks/sky.mp4", *options])

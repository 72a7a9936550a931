# %% [markdown]
# # Results, and what they can be trusted for
#
# Reads result files, draws the paper's tables and curves per frame, and shows why one of the
# usual columns, the mean PSNR of frames, can put a worse clip first.
#
# Nothing is trained here. Fifteen seconds on two CPU cores.

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

FULL = False  # True: scores all 100 synthetic test clips, at 128 px, instead of 8 at 64 px

notebook.check()

# %% [markdown]
# ## The Cloud table
#
# Ours beside the poster's, from `docs/results`: 25 real test clips at 32 px after 400 steps,
# where the paper's networks had 100 epochs at 128 px. Nobody should compare the two columns as
# equals. What *can* be compared is every row with the still picture, the photo repeated.

# %%
from pathlib import Path

from ssagan_jax.reproduce import gather, picture, scores_table, stored

COLUMNS = ("label", "poster_psnr", "author_mse", "author_psnr", "standard_psnr", "author_ssim")


def table(name, columns):
    found = stored.read_table(stored.find_table(name))
    kinds = gather.name_protocols(found)
    picture.plot_table(found, kinds, Path(f"runs/notebooks/{name}.png"))
    return notebook.show_table(scores_table.tabulate_scores(found, kinds), columns)


table("small_cloud", (*COLUMNS, "energy_ratio"))

# %%
notebook.show_picture("runs/notebooks/small_cloud.png", width=1100)

# %% [markdown]
# Below each number: the range over three seeds (of the still picture: the 95 % interval from
# drawing source videos anew). The U-Net without attention and SSA-GAN by the poster's recipe are
# within 0.1 dB of each other. The same table for the kinds of attention:

# %%
table("small_attention", ("label", *COLUMNS[2:], "energy_ratio"))

# %%
notebook.show_picture("runs/notebooks/small_attention.png", width=1100)

# %% [markdown]
# ## Likeness over motion
#
# One number cannot tell whether a clip is good: a still picture scores well and does not move. So
# every system is drawn by both, with the still picture at motion 0 and real clips at 1.

# %%
from ssagan_jax.evaluation.results import flatten_row
from ssagan_jax.reproduce import pareto_front

found = [row for row in stored.read_table(stored.find_table("small_cloud")) if row.runs]
points = {row.row.label: [flatten_row(row.scores()[0])] for row in found}
still = flatten_row(found[0].scores("still")[0])
pareto_front.plot_pareto_front(
    points, still, Path("runs/notebooks/front.png"), measures=("standard_psnr", "author_ssim")
)
notebook.show_picture("runs/notebooks/front.png", width=900)

# %% [markdown]
# ## The PSNR argument
#
# Take the still picture, and spoil it: every pixel of every frame is changed by -1, 0 or +1 grey
# level, at random. Nobody can see it, and it is worse in every single frame.

# %%
import numpy as np

from ssagan_jax import data
from ssagan_jax.data.splits import Take
from ssagan_jax.evaluation.results import read_results
from ssagan_jax.evaluation.results_table import format_results
from ssagan_jax.evaluation.scoring import score_animator

SIZE, CLIPS = (128, 0) if FULL else (64, 8)  # pixels; clips, 0: all
source = Take(data.source("synthetic", split="test", size=SIZE, frames=16), CLIPS)


def spoilt(photos):
    repeated = np.repeat(photos[:, None], 16, axis=1).astype(np.int16)
    noise = np.random.default_rng(0).integers(-1, 2, repeated.shape)
    return np.clip(repeated + noise, 0, 255).astype(np.uint8)


scores = score_animator(spoilt, source, batch_size=4, protocol={"statistics": "none"})
print(format_results(scores))

# %% tags=["figure"]
from ssagan_jax.viz import psnr_picture
from ssagan_jax.viz.frame_curves import plot_frame_curves

rows = {"still picture": scores["rows"]["still"], "spoilt picture": scores["rows"]["prediction"]}
notebook.show_picture(psnr_picture.plot_psnr(rows, "runs/notebooks/psnr.png"))

# %% [markdown]
# **Frame 0 decides.** Frame 0 of the still picture is the photo itself: its error is 0, its PSNR
# infinite. A mean with an infinite value in it is infinite, so such frames are left out, as the
# paper's numbers must have done. The spoilt picture's frame 0 has about 50 dB: finite, so it
# counts, and lifts the mean of its frames above the still picture's. A network that merely copies
# its input well gains in the same way. Two remedies: leave frame 0 out for everybody (the
# `standard` convention), or take the PSNR of each clip's mean error (`psnr_clip`), which one
# frame cannot lift.
#
# **The mean of PSNR is not the PSNR of the mean.** PSNR is convex in the error, so the mean of
# the frames' PSNR is never below the PSNR of their mean error: the left column above is higher
# than the right one even where both count the same frames.
#
# ## The same argument, turned on the poster
#
# A table's MSE and PSNR bound each other: mean PSNR >= 20 log10(peak) - 10 log10(mean MSE). A row
# *below* that bound cannot have been computed with that peak.

# %%
from ssagan_jax.reproduce import psnr_bound, tables

notebook.show_table(
    psnr_bound.tabulate_bounds([*tables.list_rows("cloud"), *tables.list_rows("beach")])
)

# %%
print("\n\n".join(text for text in psnr_bound.explain_bounds(tables.list_rows("beach")) if text))

# %% [markdown]
# ## Runs of your own
#
# Every training and `ssagan evaluate` leave a `results.json`. The other notebooks' lie under
# `runs/notebooks`; put folders of yours into the list. Results of different protocols (other
# clips, another size) are not put into one table.

# %%
RUNS = sorted(Path("runs/notebooks").glob("*/results.json"))

for path in RUNS:
    print(f"{path.parent.name}\n{format_results(read_results(path))}\n")
print(f"{len(RUNS)} runs found.")

# %% [markdown]
# Per frame, prediction against still picture (the last of those runs, or else the spoilt
# picture):

# %%
shown = read_results(RUNS[-1]) if RUNS else scores
plot_frame_curves(shown, Path("runs/notebooks/frames.png"))
notebook.show_picture("runs/notebooks/frames.png", width=900)

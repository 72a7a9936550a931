# %% [markdown]
# # What attention looks at
#
# Every level of SSA-GAN asks, for each point: which other points should I take from? This shows
# the answers, for points that you choose, at every level, for three kinds of attention, and over
# gamma.
#
# About three minutes on two CPU cores.
#
# | kind | one map of weights for | a point takes from |
# |---|---|---|
# | `per_frame` (the poster) | each frame | its own frame |
# | `shared` (the authors' code) | the whole clip | the same places in every frame |
# | `spatiotemporal` | the whole clip | all places of all frames |

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

FULL = False  # True: 64 px, 16 frames, 1,000 steps of each kind; needs a GPU

notebook.check(accelerator=FULL)

# %% [markdown]
# ## Three small networks
#
# The same seed, data and steps; only the kind differs.

# %%
from ssagan_jax import train

KINDS = ("per_frame", "shared", "spatiotemporal")
SIZE, FRAMES, STEPS = (64, 16, 1000) if FULL else (32, 8, 200)
STEPS = notebook.steps(STEPS)
WORKDIRS = {kind: f"runs/notebooks/attention_{SIZE}_{kind}" for kind in KINDS}

scores = {}
for kind, workdir in WORKDIRS.items():
    print(f"\n=== {kind}")
    options = {"dataset.size": SIZE, "dataset.frames": FRAMES, "generator.attention": kind}
    options |= {"num_steps": STEPS, "sample_every": 0, "checkpoint_every": STEPS, "eval_clips": 16}
    options |= {"optimizer.learning_rate": 1e-3, "log_every": max(1, STEPS // 4)}
    scores[kind] = train(notebook.load_config("quickstart", options), workdir)

# %% [markdown]
# ## Points
#
# Row and column, from 0 to 1. By default the brightest place above and the darkest below.

# %%
import numpy as np

from ssagan_jax.checkpoints.networks import load_generator
from ssagan_jax.models import from_config
from ssagan_jax.training.samples import gammas
from ssagan_jax.viz.attention_maps import (
    attention_maps,
    compute_attention_distance,
    find_sky_and_land,
    replace_gamma,
)
from ssagan_jax.viz.attention_sheet import attention_sheet

clip = notebook.painted_clips(2, size=SIZE, frames=FRAMES)[1]
photos = clip[:1]
POINTS = find_sky_and_land(photos[0])  # or np.array([[0.2, 0.3], [0.9, 0.5]])
points = POINTS[None]

networks = {}
for kind, workdir in WORKDIRS.items():
    settings, variables, _ = load_generator(workdir)
    networks[kind] = from_config.generator(settings), variables
maps = {kind: attention_maps(*networks[kind], photos, points) for kind in KINDS}

# %% [markdown]
# ## One kind, every level
#
# Orange: where the ringed point takes from; full orange is the largest weight of that map. Levels
# go from the photo inwards (`encoder1`, ...), then outwards (`decoder1`, ...); the inner ones
# have a few large cells. A negative gamma takes away what attention gathers.


# %%
def named(kind):
    found = gammas(networks[kind][1]["params"])
    return {key.removeprefix("gamma/"): value for key, value in found.items()}


notebook.show_picture(attention_sheet(photos, points, maps["per_frame"], gammas=named("per_frame")))

# %% [markdown]
# ## Side by side
#
# A level for each row of pictures, a kind for each column. Weights over time are summed.

# %%
for level in ("encoder1", "encoder2", "decoder2"):
    columns = {f"{kind}\n{level}": maps[kind][level] for kind in KINDS}
    display(notebook.show_picture(attention_sheet(photos, points, columns, gammas={})))

# %% [markdown]
# Over time: only `spatiotemporal` chooses among frames. The share of its weight in each frame,
# asked in the middle one; alike in all frames means that time makes no difference to it yet.

# %%
for level in ("encoder1", "decoder2"):
    shares = maps["spatiotemporal"][level].sum((3, 4))[0]
    print(
        level,
        *(
            f"\n  {name}: {np.round(row, 3)}"
            for name, row in zip(("sky", "land"), shares, strict=True)
        ),
    )

# %% [markdown]
# ## How far a point looks
#
# The mean distance of what it takes from, in sides of the photo, beside that of looking
# everywhere alike.

# %%
everywhere = {level: np.ones_like(rows) / rows[0, 0].size for level, rows in maps["shared"].items()}
print(f"{'sky, land':<12}", *(f"{kind:>16}" for kind in (*KINDS, "everywhere")))
for level in maps["shared"]:
    cells = [
        compute_attention_distance(found[level], points)[0]
        for found in (*maps.values(), everywhere)
    ]
    print(f"{level:<12}", *(f"{f'{sky:.2f}, {land:.2f}':>16}" for sky, land in cells))

# %% [markdown]
# ## Over gamma
#
# Each block gives `x + gamma * attended`, with gamma learnt from 0: at 0 it passes on what it
# has, so the network begins with its convolutions' neighbourhoods and can widen its view in
# training. What was learnt here, and what happens to maps and clip when every gamma is set by
# hand:

# %%
print({level: round(value, 4) for level, value in named("per_frame").items()})

# %%
from ssagan_jax.animation.animator import build_animator

KIND, LEVEL = "per_frame", "decoder2"
module, variables = networks[KIND]
settings, *_ = load_generator(WORKDIRS[KIND])

columns, clips = {"learnt": maps[KIND][LEVEL]}, {}
clips["learnt"] = build_animator(settings, variables)(photos)[0]
for gamma in (0.0, 0.1, 0.3, 1.0):
    changed = replace_gamma(variables, gamma)
    columns[f"gamma {gamma}"] = attention_maps(module, changed, photos, points)[LEVEL]
    clips[f"gamma {gamma}"] = build_animator(settings, changed)(photos)[0]
notebook.show_picture(attention_sheet(photos, points, columns, gammas={}))

# %%
notebook.show_clips({"real": clip, **clips}, width=144)

# %% [markdown]
# Maps change too, although gamma is not in them: each level sees what the levels before it made.
# Values far from the learnt one are not what the other weights were trained for.
#
# ## Does the kind matter?
#
# The scores of the three, beside the still picture (PSNR: frame 0 left out):

# %%
for kind, result in scores.items():
    row = result["rows"]["prediction"]
    print(
        f"{kind:<16} PSNR {row['standard']['psnr']:.2f}  energy {row['motion']['energy_ratio']:.2f}"
    )
print(f"{'still picture':<16} PSNR {result['rows']['still']['standard']['psnr']:.2f}")

# %% [markdown]
# On 25 real test clips, after 400 steps at 32 px, **no difference was measured**: per frame,
# shared and space-time attention, and the same network without any, lie within 0.2 dB of each
# other, and an interval is about 2 dB wide on either side (`docs/reproducing.md`, scored with the
# statistics of batches). Gammas stay small in so few steps: attention has hardly begun to act.
# The paper trains for hundreds of times longer; whether it matters there was not measured here.
# So these maps show what networks look at, not that looking helps.

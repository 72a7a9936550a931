"""The folder's front door: names, dispatch, what is loaded."""

import re
import subprocess
import sys

import pytest

from ssagan_jax import data
from ssagan_jax.config import registry

OPTIONS = {"split": "train", "size": 8, "frames": 2}


def test_a_data_set_is_a_module_of_sets():
    known = ["sky", "synthetic", "synthetic_slow", "synthetic_wind", "tiny_videos", "video_folder"]
    assert list(registry.modules("ssagan_jax.data.sets")) == known


@pytest.mark.parametrize("call", [data.source, data.build, data.verify])
def test_unknown_name_suggests_a_known_one(call):
    options = OPTIONS if call is data.source else {"source": "x"}
    message = 'Unknown data set "skyy". Did you mean "sky"? Available: sky, synthetic, synth'
    with pytest.raises(ValueError, match=re.escape(message)):
        call("skyy", **options)


def test_a_helper_module_is_not_a_data_set():
    with pytest.raises(ValueError, match=r'Unknown data set "pipeline"\. Available: sky'):
        data.source("pipeline", **OPTIONS)


def test_nothing_to_build():
    with pytest.raises(ValueError, match='"synthetic" is made on the fly'):
        data.build("synthetic", source="x")


def test_building_and_reading_load_no_other_framework(sky_folder, tmp_path):
    """Neither TensorFlow nor PyTorch, nor the models."""
    program = f"""
import sys
from ssagan_jax import data
from ssagan_jax.data import pipeline
data.build("sky", source={str(sky_folder)!r}, data_dir={str(tmp_path)!r})
clips = data.source("sky", split="train", size=8, frames=4, data_dir={str(tmp_path)!r})
next(pipeline.train_batches(clips, batch_size=2, seed=0))
heavy = ("tensorflow", "torch", "flax", "ssagan_jax.models", "ssagan_jax.losses")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["[]"]

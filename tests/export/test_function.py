"""The function that is exported: of one photo and of many, in float32."""

import jax
import numpy as np
import pytest

from ssagan_jax.export.function import read_function
from tests.helpers.exported import FRAMES, SIZE, photos, save


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return save(tmp_path_factory.mktemp("run"), precision="bfloat16")


def test_one_photo_and_many(trained):
    function = read_function(trained)
    assert (function.name, function.size, function.frames) == ("ssagan", SIZE, FRAMES)
    assert (function.info["step"], function.info["precision"]) == ("0", "bfloat16")
    run = jax.jit(function.many)
    made = np.asarray(run(function.variables, photos(2))["clip"])
    assert made.shape == (2, FRAMES, SIZE, SIZE, 3) and made.dtype == np.float32
    one = np.asarray(jax.jit(function.one)(function.variables, photos(2)[1])["clip"])
    np.testing.assert_allclose(made[1], one, atol=1e-5)

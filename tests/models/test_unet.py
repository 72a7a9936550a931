"""The U-Net's fields; and its encoder's equal frames computed once, against every frame."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax import models
from ssagan_jax.models.layers.warping import shorten
from ssagan_jax.models.ssagan import Generator
from ssagan_jax.ops import mixture
from ssagan_jax.training import flops
from tests.helpers.stubs import leaves, quick_jit, variables

TINY = dict(size=32, features=4)
SMALL = dict(size=32, frames=8, features=2)
PHOTOS = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)), jnp.float32)


def slow(**fields):
    return pytest.param(fields, marks=pytest.mark.slow)


def pair(**fields):
    """Both ways of one generator, and variables with steep maps and gates that are open."""
    folded = Generator(**{**TINY, **fields})
    drawn = jax.tree_util.tree_map_with_path(_strengthen, variables(folded, PHOTOS))
    return folded, folded.clone(fold=False), drawn


def _strengthen(path, leaf):
    name = jax.tree_util.keystr(path, simple=True, separator="/")
    if name.endswith("gamma"):
        return np.full_like(leaf, 0.5)
    if name.endswith(("query/kernel", "key/kernel")):
        return 8 * leaf
    if "attention" in name and name.endswith(("value/kernel", "output/kernel")):
        return 20 * leaf  # or a batch norm of the branch would magnify rounding
    return leaf


def both(one, other, drawn):
    """Clips, statistics and gradients of a training-mode pass."""
    shape = (2, one.frames, 32, 32, 3)
    weights = np.random.default_rng(1).normal(size=shape).astype(np.float32)

    def run(module):
        def loss(params):
            made, stats = module.apply(
                {**drawn, "params": params}, PHOTOS, train=True, mutable=["batch_stats", "spectral"]
            )
            return jnp.sum(made.clip * weights), (made.clip, stats)

        slope, (clip, stats) = jax.grad(loss, has_aux=True)(drawn["params"])
        return clip, stats, slope

    return quick_jit(lambda: [run(one), run(other)])()


@pytest.mark.parametrize(
    "fields",
    [
        dict(attention="per_frame", frames=8, skips="sum"),
        slow(attention="shared", frames=16),
        slow(attention="spatiotemporal", frames=16, norm="instance"),
        slow(
            attention="shared",
            attention_at=("encoder2",),
            frames=32,
            remat="levels",
            gate="none_normal_init",
        ),
        slow(
            attention="shared", frames=16, bottleneck="halve", share_attention=True, skip_levels=2
        ),
    ],
    ids=lambda fields: "-".join(fields),
)
def test_clips_statistics_and_gradients_are_those_of_every_frame(fields):
    (clip, stats, slope), (clip2, stats2, slope2) = both(*pair(**fields))
    assert np.std(clip2) > 1e-3
    np.testing.assert_allclose(clip, clip2, atol=1e-5)
    stats, stats2, slope, slope2 = map(leaves, (stats, stats2, slope, slope2))
    for name, value in stats2.items():
        np.testing.assert_allclose(stats[name], value, atol=1e-5, err_msg=name)
    largest = max(np.abs(value).max() for value in slope2.values())
    for name, value in slope2.items():
        np.testing.assert_allclose(slope[name], value, atol=1e-5 * largest, err_msg=name)


def test_evaluation_mode():
    folded, plain, drawn = pair(attention="shared", frames=16)
    clips = [quick_jit(partial(m.apply, train=False))(drawn, PHOTOS).clip for m in (folded, plain)]
    np.testing.assert_allclose(*clips, atol=1e-5)


@pytest.mark.slow
def test_bfloat16_is_as_near_as_every_frame_is():
    folded, plain, drawn = pair(attention="spatiotemporal", frames=16)

    def clip(module):
        return quick_jit(partial(module.apply, train=True, mutable=["batch_stats", "spectral"]))(
            drawn, PHOTOS
        )[0].clip

    exact = clip(plain)
    near, nearer = (
        np.abs(clip(module.clone(precision="bfloat16")) - exact).mean()
        for module in (plain, folded)
    )
    assert 0 < nearer < 1.5 * near


@pytest.mark.parametrize(("attention", "share"), [("shared", 0.6), ("spatiotemporal", 0.7)])
def test_the_papers_generator_needs_much_less_arithmetic(attention, share):
    """0.56 and 0.51 of it."""

    def count(module):
        frame = jax.ShapeDtypeStruct((1, 128, 128, 3), jnp.float32)
        drawn = jax.eval_shape(partial(module.init, jax.random.key(0), train=True), frame)
        return flops.count(partial(module.apply, train=False), drawn, frame)

    folded = Generator(attention=attention)
    assert count(folded) < share * count(folded.clone(fold=False))


def test_a_clip_in_place_of_a_photo_is_not_folded():
    folded, plain, drawn = pair(attention="none", frames=8)
    clip = np.random.default_rng(2).uniform(-1, 1, (1, 8, 32, 32, 3)).astype(np.float32)
    made = [quick_jit(partial(m.apply, train=False))(drawn, clip).clip for m in (folded, plain)]
    assert np.array_equal(*made)


@pytest.mark.parametrize("skip_levels", [0, 1, 2, 3])
def test_skip_levels_counts_from_the_deepest(skip_levels):
    module = Generator(**SMALL, skip_levels=skip_levels)
    params = jax.eval_shape(partial(variables, module), PHOTOS)["params"]
    taken = [params[name]["Conv_0"]["kernel"].shape[-1] for name in ("up2", "up3")]
    taken.append(params["output"]["kernel"].shape[-1])
    single = [8, 4, 2]  # channels of up1, up2, up3, which a skip doubles
    assert taken == [c * (2 if i < skip_levels else 1) for i, c in enumerate(single)]


@pytest.mark.slow
def test_a_clip_is_used_as_it_is():
    module = Generator(**SMALL, spectral_norm=False, output="residual")
    clip = np.random.default_rng(2).uniform(-1, 1, (1, 8, 32, 32, 3)).astype(np.float32)
    drawn = jax.tree.map(jnp.zeros_like, variables(module, clip[:, 0]))
    generated = module.apply(drawn, jnp.asarray(clip), train=False)
    np.testing.assert_array_equal(generated.clip, clip)  # no change added to it


WARP = dict(**SMALL, output="warp", wind="given", spectral_norm=False)
WINDS = np.float32([[0.01, 0.0], [0.0, -0.02]])


@pytest.fixture(scope="module")
def windy():
    """A generator that takes wind, its variables, and what it makes of ``PHOTOS``."""
    module = Generator(**WARP)
    drawn = variables(module, PHOTOS)

    @quick_jit
    def run(drawn, photos, wind, key):
        rngs = {} if key is None else {"noise": key}
        return module.apply(drawn, photos, train=False, wind=wind, rngs=rngs)

    return lambda wind=None, key=None, photos=PHOTOS: run(drawn, photos, wind, key)


def test_a_given_wind_is_the_one_that_blows(windy):
    found = windy(WINDS)
    np.testing.assert_allclose(found.extras["wind"], WINDS, rtol=1e-6)
    assert found.clip.shape == found.extras["change"].shape == (2, 8, 32, 32, 3)
    assert found.extras["velocity"].shape == (2, 32, 32, 2)
    assert found.extras["mask"].shape == (2, 32, 32, 1)
    np.testing.assert_allclose(found.clip[:, 0], PHOTOS, atol=1e-6)


def test_without_a_wind_it_takes_the_most_likely_one(windy):
    found = windy()
    likely = quick_jit(lambda prior: shorten(mixture.mode(prior), frames=8))
    np.testing.assert_allclose(found.extras["wind"], likely(found.extras["prior"]), rtol=1e-5)


def test_noise_draws_the_wind(windy):
    first, again, other = (windy(None, jax.random.key(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.extras["wind"], again.extras["wind"])
    assert np.abs(np.subtract(first.extras["wind"], other.extras["wind"])).max() > 1e-3


def test_the_encoder_and_so_the_prior_do_not_see_the_wind(windy):
    np.testing.assert_array_equal(windy(WINDS).extras["prior"], windy(-WINDS).extras["prior"])


def test_a_flat_photo_moves_nowhere_but_by_its_change(windy):
    flat = np.full_like(PHOTOS, -0.4)
    found = windy(WINDS, photos=flat)
    np.testing.assert_allclose(found.clip, flat[:, None] + found.extras["change"], atol=1e-5)


def test_a_warp_without_wind_has_no_prior():
    module = Generator(**{**WARP, "wind": "none"})
    start = partial(module.init_with_output, train=False)
    found = jax.eval_shape(lambda key: start(key, PHOTOS)[0].extras, jax.random.key(0))
    assert sorted(found) == ["change", "mask", "velocity"]


def test_a_mask_is_a_fourth_channel_of_the_photo_and_all_of_ones_without_one():
    module = Generator(**SMALL, condition="mask", attention="none")
    drawn = jax.tree.map(jnp.asarray, variables(module, PHOTOS))
    assert drawn["params"]["down1"]["Conv_0"]["kernel"].shape[-2] == 4
    run = quick_jit(lambda mask: module.apply(drawn, PHOTOS, train=False, mask=mask).clip)
    everything, half = np.ones((2, 32, 32), np.float32), np.ones((2, 32, 32), np.float32)
    half[1, 16:] = 0
    np.testing.assert_allclose(run(everything), run(None), atol=1e-6)
    np.testing.assert_allclose(run(half)[0], run(None)[0], atol=1e-6)
    assert float(jnp.abs(run(half) - run(None))[1].max()) > 1e-6
    assert module.takes_mask and not Generator(**SMALL).takes_mask


@pytest.mark.parametrize(
    ("field", "value", "known"),
    [
        ("skips", "add", "concat, sum"),
        ("attention", "full", "none, per_frame, shared, spatiotemporal"),
        ("first_activation", "relu", "none, leaky_relu"),
        ("output", "delta", "direct, residual, warp"),
        ("wind", "strong", "none, given"),
        ("condition", "pose", "none, mask"),
        ("bottleneck", "none", "whole, pair, halve"),
        ("norm", "group", "batch, instance, layer, none, chainer"),
    ],
)
def test_unknown_values(field, value, known):
    with pytest.raises(ValueError, match=rf'Unknown {field} "{value}"\. Known: {known}\.'):
        models.generator("ssagan", **{field: value})


def test_unknown_level():
    with pytest.raises(
        ValueError, match=r'Unknown attention_at "decoder4"\. Known: encoder, decod'
    ):
        Generator(**SMALL, attention_at=("encoder", "decoder4"))  # 32 pixels have three levels

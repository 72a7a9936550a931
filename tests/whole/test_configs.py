"""Every config with its arguments: it builds, and a whole training step fits its shapes."""

import dataclasses
import json
from pathlib import Path

import jax
import pytest

from ssagan_jax.checkpoints import bundled
from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.config.schema import DatasetConfig, NetworkConfig
from ssagan_jax.models import from_config
from ssagan_jax.training.compilation import abstract_batch
from ssagan_jax.training.from_config import build_gan
from ssagan_jax.training.state import create
from tests.helpers.stubs import leaves, train_step

FOLDER = Path(__file__).parent.parent.parent / "configs"
FILES = loading.list_names()
# Every file is tested as it is and tiny; these besides.
ARGUMENTS = {
    "ssagan": ["recipe=author", "recipe=hinge,tiny", "size=256,frames=64", "condition=mask,tiny"],
    "tgan": ["size=128", "size=32,frames=16", "recipe=original", "recipe=original,tiny"],
    "mini_sky": ["recipe=author,output=residual,l1=1,tiny", "condition=mask,tiny"],
    "rnngan": ["size=128"],
    "vgan": ["size=128", "frames=16"],
    "mdgan": ["stage=2", "stage=2,recipe=author,tiny", "stage=2,ranking=ranking_real,tiny"],
    "unet": ["recipe=author,tiny"],
    "ablation_attention": ["attention=spatiotemporal,gate=none_zero_init,tiny"],
    "ablation_gamma": ["attention=shared,start=fast,tiny"],
    "ablation_loss": ["loss=wasserstein_sigmoid,ssim=true,tiny"],
}
CASES = [
    f"{name}:{arguments}" if arguments else name
    for name in FILES
    for arguments in ("", "tiny", *ARGUMENTS.get(name, ()))
]
# In every run of the tests: the released recipe, at full size (small ones: test_end_to_end.py,
# training/test_step.py); the rest is slow.
QUICK = ("ssagan:recipe=author",)
TRACED = [pytest.param(case, marks=[] if case in QUICK else [pytest.mark.slow]) for case in CASES]


def load(case):
    name, _, arguments = case.partition(":")
    return loading.load(f"{FOLDER / name}.py:{arguments}")


def test_every_file_with_arguments_of_its_own_is_there():
    assert ARGUMENTS.keys() <= set(FILES)


@pytest.mark.parametrize("case", TRACED)
def test_a_training_step_fits(case):
    config = resolve(load(case))
    gan = build_gan(config)

    def start_and_step(batch):
        before = create(gan, config.seed)
        after, metrics = train_step(gan, before, batch, update_generator=True)
        return before, after, metrics

    batch = abstract_batch(gan, config.schedule.batch_size)
    before, after, metrics = jax.eval_shape(start_and_step, batch)
    assert leaves(before) == leaves(after)  # shapes and types: training can go on
    losses = {f"g/{name}" for name in config.generator_losses}
    losses |= {f"d/{name}" for name in config.discriminator_losses}
    assert losses <= metrics.keys()
    assert {metric.shape for metric in metrics.values()} == {()}


@pytest.mark.parametrize("case", CASES)
def test_keys_are_those_of_the_base_recipe(case):
    settings = load(case)
    assert settings.is_locked
    base = load("ssagan")
    assert settings.keys() == base.keys()
    for key in ("dataset", "optimizer", "start_from"):
        assert settings[key].keys() == base[key].keys()
    for role in ("generator", "discriminator"):  # the fields of the model, each one
        assert set(settings[role]) - {"name"} == fields(settings.to_dict(), role).keys()
    json.dumps(settings.to_dict())  # as it is stored


def fields(settings, role):
    """The fields of a config's model with their values, but for those both networks share, and for
    how it computes what it computes.
    """
    module = getattr(from_config, role)(NetworkConfig.from_json(settings, role))
    names = {field.name for field in dataclasses.fields(module)}
    names -= {"parent", "name", "size", "frames", "fold", "compute", *from_config.COMPUTE}
    return {name: getattr(module, name) for name in names}


@pytest.mark.parametrize("role", ["generator", "discriminator"])
@pytest.mark.parametrize("name", ["ssagan", "unet", "vgan", "rnngan", "tgan"])
def test_a_model_s_defaults_are_its_config_s(name, role):
    settings = load(name).to_dict()
    bare = {**settings, role: {"name": settings[role]["name"]}}
    assert fields(bare, role) == fields(settings, role)


@pytest.mark.parametrize("name", FILES)
def test_tiny_means_few_steps_of_few_features_on_synthetic_clips(name):
    settings = load(f"{name}:tiny")
    assert settings.dataset.name == "synthetic"
    assert (settings.dataset.size, settings.dataset.frames) == (32, 8)
    assert settings.generator.features == settings.discriminator.features == 4
    assert settings.n_critic == 2  # both kinds of step are run
    assert settings.n_critic <= settings.num_steps <= 10
    assert settings.checkpoint_every < settings.num_steps


def test_an_argument_may_be_empty_and_only_a_bare_word_means_true():
    assert load("ssagan:dataset=").dataset.name == "synthetic"
    with pytest.raises(ValueError, match='"tiny" must be true or false, not ""'):
        load("ssagan:tiny=")


@pytest.mark.parametrize("name", ["ssagan", "mini_sky", "mdgan", "unet", "vgan", "rnngan", "tgan"])
def test_tiny_keeps_a_data_set_that_was_asked_for(name):
    assert load(f"{name}:tiny,dataset=video_folder").dataset.name == "video_folder"


# What the recipes stand for. Values that all three share: see the poster's.


def test_the_posters_recipe():
    settings = load("ssagan").to_dict()
    assert settings["generator_losses"] == {"vanilla": 1.0, "l1": 10.0}
    assert settings["discriminator_losses"] == {"vanilla": 1.0}
    assert settings["n_critic"] == 1
    generator = settings["generator"]
    assert (generator["attention"], generator["c_cal"]) == ("per_frame", 1)
    assert (generator["skips"], generator["gate"]) == ("concat", "gamma")
    assert generator["spectral_norm"] and settings["discriminator"]["spectral_norm"]
    assert settings["discriminator"]["last_slope"] == 0.2
    assert not settings["discriminator"]["sigmoid"]
    assert generator["initializer"] == settings["discriminator"]["initializer"] == "normal"
    optimizer = settings["optimizer"]
    assert (optimizer["name"], optimizer["learning_rate"]) == ("adam", 2e-4)
    assert (optimizer["b1"], optimizer["b2"], optimizer["boundaries"]) == (0.5, 0.9, ())
    assert settings["batch_size"] == 16
    assert settings["ema_decay"] == 0


def differences(recipe):
    """The values in which a recipe differs from the poster's."""
    poster, other = (flat(load(f"ssagan:recipe={name}").to_dict()) for name in ("poster", recipe))
    return {key: other.get(key) for key in poster | other if poster.get(key) != other.get(key)}


def flat(tree, prefix=""):
    found = {}
    for key, value in tree.items():
        nested = isinstance(value, dict)
        found |= flat(value, f"{prefix}{key}.") if nested else {prefix + key: value}
    return found


def test_the_authors_recipe():
    assert differences("author") == {
        "generator.attention": "shared",
        "generator.initializer": "author",
        "discriminator.initializer": "author",
        "discriminator.sigmoid": True,
        "discriminator.last_slope": 0.01,
        "discriminator_losses.vanilla": None,
        "discriminator_losses.wasserstein": 1.0,
        "discriminator_losses.gradient_penalty": 10.0,
        "generator_losses.vanilla": None,
        "generator_losses.wasserstein": 1.0,
        "generator_losses.l1": 1.0,
        "generator_losses.ssim": 1.0,
        "n_critic": 5,
        "critic_epoch": 2211,
        "extra_power_iterations": 1,
        "optimizer.boundaries": (97_284, 119_394),  # after 44 and 54 epochs of 35,383 clips
    }


def test_the_hinge_recipe():
    assert differences("hinge") == {
        "discriminator_losses.vanilla": None,
        "discriminator_losses.hinge": 1.0,
        "generator_losses.vanilla": None,
        "generator_losses.hinge": 1.0,
    }


def test_vgan_is_as_published():
    settings = load("vgan").to_dict()
    assert (settings["dataset"]["size"], settings["dataset"]["frames"]) == (64, 32)
    assert settings["generator_losses"] == {
        "vanilla": 1.0,
        "first_frame": 10.0,
        "mask_sparsity": 0.0,
    }
    assert settings["discriminator_losses"] == {"vanilla": 1.0}
    optimizer = settings["optimizer"]
    assert (optimizer["learning_rate"], optimizer["b1"], optimizer["b2"]) == (2e-4, 0.5, 0.999)
    assert (settings["batch_size"], settings["n_critic"]) == (32, 1)


def test_rnngan_is_as_published():
    settings = load("rnngan").to_dict()
    assert (settings["dataset"]["size"], settings["dataset"]["frames"]) == (64, 32)
    assert settings["generator_losses"] == {"vanilla": 0.2, "l1": 1.0}
    assert settings["discriminator_losses"] == {"vanilla": 1.0}
    optimizer = settings["optimizer"]
    assert (optimizer["learning_rate"], optimizer["b1"]) == (2e-4, 0.5)


@pytest.mark.parametrize("name", ["rnngan", "vgan"])
def test_sizes_of_the_baselines(name):
    settings = load(f"{name}:dataset=sky,size=128,frames=16")
    assert (settings.dataset.name, settings.dataset.size, settings.dataset.frames) == (
        "sky",
        128,
        16,
    )


def test_tgan_is_trained_as_published():
    settings = load("tgan").to_dict()
    assert (settings["dataset"]["size"], settings["dataset"]["frames"]) == (64, 32)
    assert settings["discriminator_losses"] == {"wasserstein": 1.0}
    assert settings["generator_losses"] == {"wasserstein": 1.0, "first_frame": 10.0}
    optimizer = settings["optimizer"]
    assert (optimizer["name"], optimizer["learning_rate"]) == ("rmsprop", 5e-5)
    assert optimizer["b2"] == 0.99
    assert (settings["batch_size"], settings["n_critic"]) == (32, 1)


def test_tgan_as_its_authors_code_trains_it():
    ours, theirs = load("tgan").to_dict(), load("tgan:recipe=original").to_dict()
    assert ours["updates"] == "turns" and theirs["updates"] == "together"
    assert theirs["generator_losses"] == {"wasserstein_sum": 1.0, "first_frame": 10.0}
    assert theirs["discriminator_losses"] == {"wasserstein_sum": 1.0}
    for role in ("generator", "discriminator"):
        assert theirs[role] == ours[role] | {"norm": "chainer"}
    same = ours.keys() - {"updates", "generator", "discriminator"}
    same -= {"generator_losses", "discriminator_losses"}
    assert all(theirs[key] == ours[key] for key in same)
    with pytest.raises(ValueError, match=r'Unknown recipe "author"\. Known: turns, original\.'):
        load("tgan:recipe=author")


def test_tiny_tgan_is_constrained_within_its_few_steps():
    settings = load("tgan:tiny")
    assert settings.discriminator.constrain_every <= settings.num_steps


def test_the_attention_ablation_changes_nothing_but_attention():
    assert load("ablation_attention").to_dict() == load("ssagan").to_dict()
    arguments = "attention=shared,gate=none_normal_init,size=64,frames=16,dataset=sky"
    found = load(f"ablation_attention:{arguments}").to_dict()
    generator = found["generator"]
    assert (generator["attention"], generator["gate"]) == ("shared", "none_normal_init")
    generator.update(attention="per_frame", gate="gamma")
    assert found == load("ssagan:size=64,frames=16,dataset=sky").to_dict()


def test_the_gamma_ablation_changes_nothing_but_attention_and_its_gamma():
    assert load("ablation_gamma").to_dict() == load("ssagan").to_dict()
    one = load("ablation_gamma:attention=shared,start=one").to_dict()
    assert (one["generator"]["attention"], one["generator"]["gamma_init"]) == ("shared", 1)
    one["generator"].update(attention="per_frame", gamma_init=0.0)
    fast = load("ablation_gamma:start=fast").to_dict()
    assert fast["optimizer"]["gamma_rate"] == 10
    fast["optimizer"]["gamma_rate"] = 1.0
    assert one == fast == load("ssagan").to_dict()
    with pytest.raises(ValueError, match=r'Unknown start "two"\. Known: zero, one, fast\.'):
        load("ablation_gamma:start=two")


def test_the_loss_ablation_changes_nothing_but_losses():
    assert load("ablation_loss").to_dict() == load("ssagan").to_dict()
    plain = flat(load("ssagan").to_dict())
    for arguments, expected in {
        "loss=hinge": {"d_hinge": 1.0, "g_hinge": 1.0, "g_l1": 10.0},
        "loss=vanilla,ssim=true,l1=3": {
            "d_vanilla": 1.0,
            "g_vanilla": 1.0,
            "g_l1": 3.0,
            "g_ssim": 3.0,
        },
        "loss=wasserstein": {
            "d_wasserstein": 1.0,
            "d_gradient_penalty": 10.0,
            "g_wasserstein": 1.0,
            "g_l1": 10.0,
        },
    }.items():
        found = load(f"ablation_loss:{arguments}").to_dict()
        weights = {f"d_{k}": v for k, v in found["discriminator_losses"].items()}
        weights |= {f"g_{k}": v for k, v in found["generator_losses"].items()}
        assert weights == expected
        rest = flat(found)
        assert all(rest[key] == value for key, value in plain.items() if "_losses." not in key)
    sigmoid = load("ablation_loss:loss=wasserstein_sigmoid")
    assert sigmoid.discriminator.sigmoid
    sigmoid.discriminator.sigmoid = False
    assert sigmoid.to_dict() == load("ablation_loss:loss=wasserstein").to_dict()


def test_an_unknown_loss_of_the_ablation_is_refused():
    with pytest.raises(ValueError, match=r'Unknown loss "lsgan"\. Known: vanilla, wasserstein'):
        load("ablation_loss:loss=lsgan")


def test_arguments_of_mini_sky():
    settings = load("mini_sky:output=residual,l1=2.5")
    assert settings.generator.output == "residual"
    assert settings.generator_losses.l1 == 2.5
    assert settings.dataset.name == "sky"


def test_the_bundled_model_is_of_its_config():
    network, _, _ = bundled.load_bundled()
    settings = load("bundled").to_dict()
    planned = NetworkConfig.from_json(settings, "generator")
    assert from_config.generator(network) == from_config.generator(planned)
    description = json.loads((bundled.ASSETS / bundled.DESCRIPTION).read_text(encoding="utf-8"))
    found, expected = map(DatasetConfig.from_json, (description["config"], settings))
    assert found == expected


# MD-GAN, and the control without attention


def test_mdgans_own_recipe():
    settings = load("mdgan").to_dict()
    assert settings["generator_losses"] == {"vanilla": 1.0, "l1": 1.0}
    assert settings["discriminator_losses"] == {"vanilla": 1.0}
    assert settings["generator"] == {
        "name": "mdgan",
        "features": 32,
        "stage": 1,
        "bottlenecks": ("whole", "whole"),
        "norm": "batch",
        "spectral_norm": False,
        "output": "direct",
        "wind": "none",
        "initializer": "normal",
    }
    assert not settings["discriminator"]["spectral_norm"]
    assert settings["discriminator"]["last_slope"] == 0.2
    optimizer = settings["optimizer"]
    assert (optimizer["learning_rate"], optimizer["b1"], optimizer["b2"]) == (2e-4, 0.5, 0.9)
    assert (settings["batch_size"], settings["n_critic"]) == (16, 1)


def test_its_second_stage_starts_somewhere_and_is_ranked():
    first, second = (flat(load(f"mdgan:{arg}").to_dict()) for arg in ("", "stage=2,start=runs/a"))
    assert {key: second[key] for key in second if first.get(key) != second[key]} == {
        "generator.stage": 2,
        "start_from.generator": "runs/a",
        "generator_losses.ranking": 1.0,
        "discriminator_losses.ranking": 1.0,
    }
    other = load("mdgan:stage=2,ranking=ranking_real")
    assert other.generator_losses.to_dict() == {"vanilla": 1.0, "l1": 1.0, "ranking_real": 1.0}
    assert other.discriminator_losses.to_dict() == {"vanilla": 1.0, "ranking_real": 1.0}


@pytest.mark.parametrize("recipe", ["poster", "hinge"])
def test_mdgans_networks_with_ssagans_recipes(recipe):
    found, paper = (load(f"{name}:recipe={recipe}").to_dict() for name in ("mdgan", "ssagan"))
    assert found.pop("generator").pop("spectral_norm") and paper.pop("generator")
    assert found == paper


def test_mdgan_without_its_ranking():
    found = load("mdgan:stage=2,ranking=none")
    assert found.generator_losses.to_dict() == {"vanilla": 1.0, "l1": 1.0}
    assert found.discriminator_losses.to_dict() == {"vanilla": 1.0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("ranking=ranking_real", r"ranking=ranking_real is of Stage II: leave it out, or pass st"),
        ("stage=2,ranking=x", r'Unknown ranking "x"\. Known: ranking, ranking_real, none\.'),
        ("recipe=x", r'Unknown recipe "x"\. Known: mdgan, poster, author, hinge\.'),
    ],
)
def test_mdgans_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        load(f"mdgan:{arguments}")


def test_mdgan_as_the_ssagan_authors_trained_it():
    settings = load("mdgan:recipe=author").to_dict()
    paper = load("ssagan:recipe=author").to_dict()
    assert settings["generator_losses"] == {"wasserstein": 1.0, "l1": 1.0}
    for key in ("discriminator", "discriminator_losses", "n_critic", "optimizer"):
        assert settings[key] == paper[key]
    assert settings["generator"]["initializer"] == "author"
    assert settings["generator"]["spectral_norm"]
    second = load("mdgan:recipe=author,stage=2").to_dict()
    assert second["generator_losses"] == settings["generator_losses"]  # their ranking is noise
    assert second["optimizer"]["boundaries"] == (29 * 2211, 39 * 2211, 49 * 2211)


@pytest.mark.parametrize("recipe", ["poster", "author", "hinge"])
def test_the_control_differs_in_attention_only(recipe):
    control, paper = (flat(load(f"{n}:recipe={recipe}").to_dict()) for n in ("unet", "ssagan"))
    assert {key for key in paper if paper[key] != control[key]} == {
        "generator.name",
        "generator.attention",
    }
    assert control["generator.attention"] == "none"


@pytest.mark.parametrize("name", FILES)
def test_only_tiny_runs_may_keep_what_nobody_trained(name):
    assert load(f"{name}:tiny").start_from.untrained
    assert not load(name).start_from.untrained

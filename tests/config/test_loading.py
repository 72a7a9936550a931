"""From a config file, its arguments and overrides to a config."""

import pytest

from ssagan_jax.config import loading

FILE = "configs/ssagan.py"


def test_the_file_alone():
    settings = loading.load(FILE)
    assert settings.is_locked
    assert settings.dataset.size == 128
    assert settings.batch_size == 16


def test_arguments():
    settings = loading.load(f"{FILE}:dataset=sky,size=64,frames=16,recipe=hinge")
    assert settings.dataset.to_dict() | {"name": "sky", "size": 64, "frames": 16} == (
        settings.dataset.to_dict()
    )
    assert settings.generator_losses.to_dict() == {"hinge": 1.0, "l1": 10.0}


@pytest.mark.parametrize("argument", ["tiny", "tiny=true", "tiny=1", ",tiny,"])
def test_a_bare_word_means_true(argument):
    assert loading.load(f"{FILE}:{argument}").dataset.size == 32


@pytest.mark.parametrize("argument", ["tiny=false", "tiny=0"])
def test_false(argument):
    assert loading.load(f"{FILE}:{argument}").dataset.size == 128


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("batch_size=8", 8),
        ("optimizer.learning_rate=1", 1.0),
        ("optimizer.learning_rate=1e-5", 1e-5),
        ("dataset.flip", True),
        ("dataset.flip=true", True),
        ("dataset.name=video_folder", "video_folder"),
        ("dataset.data_dir=/a=b", "/a=b"),
        ("generator.attention_at=('encoder1', 'decoder')", ("encoder1", "decoder")),
        ("generator.attention_at=decoder5", ("decoder5",)),
        ("optimizer.boundaries=(10, 20)", (10, 20)),
        ("optimizer.boundaries=()", ()),
        ('mesh=(("data", 4), ("model", 2))', (("data", 4), ("model", 2))),
        ('sharding_rules=(("kernel", (None, "data")),)', (("kernel", (None, "data")),)),
    ],
)
def test_overrides_take_the_type_of_the_default(override, value):
    settings = loading.load(f"{FILE}:recipe=author", [f"--config.{override}"])
    for key in override.partition("=")[0].split("."):
        settings = settings[key]
    assert settings == value
    assert type(settings) is type(value)


def test_overrides_come_after_the_arguments_and_leave_the_config_locked():
    settings = loading.load(f"{FILE}:tiny", ["--config.dataset.size=64", "--config.num_steps=7"])
    assert (settings.dataset.size, settings.dataset.frames) == (64, 8)
    assert settings.num_steps == 7
    assert settings.is_locked


def test_loading_twice_starts_afresh():
    loading.load(FILE, ["--config.batch_size=2", "--config.generator_losses.ssim=1"])
    assert loading.load(FILE).batch_size == 16
    assert "ssim" not in loading.load(FILE).generator_losses


def test_loss_weights_may_be_new():
    new = "--config.generator_losses.ssim=2", "--config.discriminator_losses.gradient_penalty=10"
    settings = loading.load(FILE, [*new, "--config.generator_losses.l1=0.5"])
    assert settings.generator_losses.to_dict() == {"vanilla": 1.0, "l1": 0.5, "ssim": 2.0}
    assert settings.discriminator_losses.to_dict() == {"vanilla": 1.0, "gradient_penalty": 10.0}
    assert settings.is_locked


def test_a_config_can_import_its_neighbours(tmp_path):
    folder = tmp_path / "my_configs"
    folder.mkdir()
    (folder / "shared.py").write_text("BATCH_SIZE = 3\n", encoding="utf-8")
    (folder / "mine.py").write_text(
        "from ssagan_jax.configs import common\n\nfrom . import shared\n\n\n"
        "def get_config(arg=None):\n    config = common.base()\n"
        "    config.batch_size = shared.BATCH_SIZE\n    return config.lock()\n",
        encoding="utf-8",
    )
    assert loading.load(str(folder / "mine.py")).batch_size == 3


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "--config.bach_size=8",
            r'config key "config\.bach_size"\. Did you mean "config\.batch_size"',
        ),
        ("--config.dataset.siz=8", r'Did you mean "config\.dataset\.size"\?'),
        ("--config.zzz=8", r'Unknown config key "config\.zzz"\. All keys: /.*configs/common\.py\.'),
        (
            "--config.optimizer.lr=1",
            r'"config\.optimizer\.lr"\. Keys of config\.optimizer: .*learning_rate',
        ),
        ("--config.generator=8", r'Unknown config key "config\.generator"\. Did you mean'),
        ("--seed=8", r'Unknown config key "seed"\. Did you mean "config\.seed"\?'),
        ("--config.batch_size=many", r"^--config\.batch_size=many: invalid literal"),
        ("--config.batch_size=2.5", r"--config\.batch_size=2\.5: .*invalid literal"),
        ("--config.batch_size", r"Missing value for flag --config\.batch_size"),
        ("--config.dataset.flip=maybe", r"--config\.dataset\.flip=maybe: .*[bB]oolean"),
        (
            "--config.generator_losses.l1=x",
            r'config\.generator_losses\.l1 must be a number, not "x"',
        ),
    ],
)
def test_overrides_that_cannot_be(override, message):
    with pytest.raises(ValueError, match=message):
        loading.load(FILE, [override])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("siz=64", r'Unknown config argument "siz"\. Known, with defaults: tiny=False, .*size=128'),
        ("size=big", r'Config argument "size" must be of type int, not "big"'),
        ("size", r'Config argument "size" must be of type int, not "true"'),
        ("tiny=maybe", r'Config argument "tiny" must be true or false, not "maybe"'),
        ("recipe=paper", r'Unknown recipe "paper"\. Known: poster, author, hinge'),
    ],
)
def test_arguments_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=message):
        loading.load(f"{FILE}:{arguments}")


def test_a_missing_file():
    with pytest.raises(
        FileNotFoundError,
        match=r'No config file "configs/no\.py"\. By name: ablation_attention, .* wind',
    ):
        loading.load("configs/no.py:tiny")


def test_a_file_that_is_no_config():
    with pytest.raises(ValueError, match=r'"configs/common\.py" has no get_config\(arg\)'):
        loading.load("configs/common.py")


def test_the_rows_of_an_ablation():
    rows = loading.sweep("ablation_attention")
    assert rows[0] == ("none", "no attention", {"attention": "none"})
    assert ("shared_gamma", "shared map, gamma", {"attention": "shared", "gate": "gamma"}) in rows


def test_a_config_without_rows():
    with pytest.raises(ValueError, match=r"ssagan\" has no sweep\(\). Try ablation_at"):
        loading.sweep("ssagan")
    with pytest.raises(FileNotFoundError, match=r'No config file "no\.py"'):
        loading.sweep("no.py")


def test_configs_by_name():
    assert loading.load("ssagan:size=64") == loading.load(f"{FILE}:size=64")
    assert loading.find("wind") == loading.folder() / "wind.py"
    assert {"quickstart", "ssagan", "wind"} <= set(loading.list_names())
    assert "common" not in loading.list_names()
    for name in loading.list_names():
        assert loading.describe(name).endswith((".", ":", ",", "s"))


def test_configs_by_name_need_no_checkout_around(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert loading.load("quickstart:tiny").is_locked


@pytest.mark.parametrize("name", ["no", "../configs", "ssagan_", ""])
def test_a_name_that_is_none(name):
    with pytest.raises(FileNotFoundError, match=r"No config .*ablation_attention, ablation_gamma"):
        loading.load(name)


def test_a_name_that_is_nearly_one():
    with pytest.raises(FileNotFoundError, match=r'No config "ssgan"\. Did you mean "ssagan"\?'):
        loading.load("ssgan:tiny")


def test_what_a_config_cannot_import_is_said_with_its_file(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("from configs import comon\n", encoding="utf-8")
    with pytest.raises(ImportError, match=r"mine\.py: .*from ssagan_jax\.configs import common"):
        loading.load(str(file))

"""``ssagan train``: what it refuses, and that it leaves nothing behind then."""

import pytest

from tests.helpers.commands import TINY, refused


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--config.generator.featurs=2", 'Did you mean "config.generator.features"?'),
        ("--config.generator.name=ssagann", 'Unknown generator "ssagann". Available: mdgan, '),
        ("--config.discriminator.name=x", 'Unknown discriminator "x". Available: mdgan, '),
        ("--config.dataset.name=skyy", 'Did you mean "sky"?'),
        ("--config.dataset.size=100", "size must be one of (32, 64, 128, 256), not 100."),
        ("--config.dataset.frames=12", "frames must be one of (8, 16, 32, 64), not 12."),
        ("--config.generator.attention=global", 'Unknown attention "global". Known: none, per_fr'),
        (
            "--config.generator_losses.vanila=1",
            'Unknown generator loss "vanila". Did you mean "vanilla"?',
        ),
        ("--config.optimizer.name=lion", 'Unknown optimizer "lion". Known: adam, rmsprop, sgd.'),
        ("--config.generator.gate=gama", 'Unknown gate "gama". Known: gamma'),
        ("--config.generator.c_cal=999", "c_cal must be from 1 to"),
        ("--config.generator.initializer=x", 'Unknown initializer "x". Known: normal, author, '),
        ("--config.n_critic=0", "config.n_critic is 0; expected 1 or more."),
        ("--config.discriminator.sigmoid=true", "take logits: set config.discriminator.sigmoid="),
        ("--config.metrics=('lpip',)", 'Unknown metric "lpip". Available: fvd, kvd, lpips_a'),
        ("--config.batch_size=x", "invalid literal for int"),
        ("--config.mesh=(('data',3),)", "does not fit"),
    ],
)
def test_train_refuses_what_cannot_work_and_leaves_no_workdir(capsys, tmp_path, option, message):
    workdir = tmp_path / "run"
    assert message in refused(capsys, "train", TINY, f"--workdir={workdir}", option)
    assert not workdir.exists()


def test_a_missing_data_set_says_how_to_build_it(capsys, tmp_path):
    options = ["--config.dataset.name=sky", f"--config.dataset.data_dir={tmp_path}"]
    error = refused(capsys, "train", TINY, f"--workdir={tmp_path / 'run'}", *options)
    assert "ssagan data build sky --source=" in error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--devices=999"], "999 devices were promised"),
        (["--processes=2"], "--coordinator, --process-id missing"),
        (["--process_id=0", "--coordinator=host:1"], "--processes missing"),
    ],
)
def test_train_takes_where_the_other_processes_are(capsys, tmp_path, options, message):
    assert message in refused(capsys, "train", TINY, f"--workdir={tmp_path / 'run'}", *options)


def test_an_unknown_kind_of_place_as_workdir(capsys):
    error = refused(capsys, "train", TINY, "--workdir=s3://b/run")
    assert "expected a folder on a disk, or gs://BUCKET/FOLDER" in error


def test_a_workdir_with_folders_of_its_own_is_a_fresh_run(capsys, tmp_path):
    for name in ("generator", "config"):
        (tmp_path / "run" / name).mkdir(parents=True)
    start = f"--config.start_from.generator={tmp_path / 'nowhere'}"
    error = refused(capsys, "train", TINY, f"--workdir={tmp_path / 'run'}", start)
    assert "config.start_from.generator: No checkpoint in" in error


def test_an_imported_network_is_no_run_to_go_on_with(capsys, tmp_path):
    for name in ("generator", "config"):
        (tmp_path / "checkpoints" / "0" / name).mkdir(parents=True)
    error = refused(capsys, "train", TINY, f"--workdir={tmp_path}")
    assert f"{tmp_path}/checkpoints/0 has no data, discriminator, training: it can be" in error
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoints"]  # nothing was claimed


def test_a_missing_config_file(capsys, tmp_path):
    error = refused(capsys, "train", "--config=configs/no.py", f"--workdir={tmp_path}")
    assert 'No config file "configs/no.py"' in error


def test_a_workdir_that_cannot_be_written(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    workdir = tmp_path / "file" / "run"
    assert f"Cannot write to --workdir={workdir}" in refused(
        capsys, "train", TINY, f"--workdir={workdir}"
    )

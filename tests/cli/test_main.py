"""The command line: each error is one clear line, with a non-zero status and no traceback."""

from pathlib import Path

import jax
import numpy as np
import pytest
from PIL import Image

from ssagan_jax.animation import files as generation_command
from ssagan_jax.animation.files import Files
from ssagan_jax.animation.rendering import Options
from ssagan_jax.checkpoints import bundled
from ssagan_jax.cli import main
from ssagan_jax.distributed import jax_setup
from ssagan_jax.distributed.jax_setup import cache_folder, set_up_jax
from ssagan_jax.evaluation import api

ROOT = Path(__file__).parent.parent.parent
TINY = f"--config={ROOT}/configs/ssagan.py:tiny"


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (20, 20)).save(path)
    return str(path)


def refused(capsys, *argv) -> str:
    """The error line of a command that must fail."""
    assert main.main(argv) == 1
    error = capsys.readouterr().err
    assert error.startswith("ssagan: ")
    assert "Traceback" not in error
    return error


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
        (["--processes=2"], "--coordinator, --process_id missing"),
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


def test_generate_without_a_model_says_how_to_get_one(capsys, tmp_path, monkeypatch, photo):
    monkeypatch.setattr(bundled, "ASSETS", tmp_path / "assets")
    error = refused(capsys, "generate", photo, "-o", f"{tmp_path}/sky.mp4")
    assert "No bundled model" in error and "--workdir=DIR" in error and "ssagan train" in error


def test_generate_passes_its_options_on(capsys, monkeypatch):
    asked = {}

    def generate(photos, output, **options):
        asked.update(options, photos=photos, output=output)
        return ["a.mp4"]

    monkeypatch.setattr(generation_command, "generate", generate)
    given = ["--size=640", "--frames=5", "--speed=0.5", "--loop", "--seed=3", "--side-by-side"]
    given += ["--mask=sky", "--checkpoint=run/1"]
    files = ["--fps=12", "--gif", "--save-frames", "--overwrite"]
    assert main.main(["generate", "a.jpg", "b.jpg", "-o", "out", *given, *files]) == 0
    assert asked == {
        "photos": ["a.jpg", "b.jpg"],
        "output": "out",
        "path": "run/1",
        "mask": "sky",
        "options": Options(size=640, frames=5, speed=0.5, loop=True, seed=3, side_by_side=True),
        "files": Files(fps=12.0, gif=True, save_frames=True, overwrite=True),
    }
    assert capsys.readouterr().out == "a.mp4\n"
    assert main.main(["generate", "a.jpg", "-o", "out"]) == 0
    assert (asked["options"], asked["files"]) == (Options(), Files())
    assert asked["path"] is None and asked["mask"] is None


def test_generate_without_a_checkpoint(capsys, tmp_path, photo):
    error = refused(capsys, "generate", photo, "-o", f"{tmp_path}/a.mp4", f"--workdir={tmp_path}")
    assert f"No checkpoint in {tmp_path}" in error


def test_generate_with_a_photo_that_is_none(capsys, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"<html>quota exceeded</html>")
    error = refused(
        capsys, "generate", str(broken), "-o", f"{tmp_path}/a.mp4", f"--workdir={tmp_path}"
    )
    assert str(broken) in error


def test_generate_into_a_place_that_cannot_be_written(capsys, tmp_path, photo):
    (tmp_path / "file").write_text("")
    output = tmp_path / "file" / "a.mp4"
    assert str(output) in refused(
        capsys, "generate", photo, "-o", str(output), f"--workdir={tmp_path}"
    )


def test_evaluate_needs_one_thing_to_score(capsys):
    assert "either --workdir=DIR or --predictions=P" in refused(capsys, "evaluate")
    assert "needs --reference=R" in refused(capsys, "evaluate", "--predictions=p.npz")
    files = ["--predictions=p.npz", "--reference=r.npz"]
    assert "--draws=K needs a model" in refused(capsys, "evaluate", *files, "--draws=2")


def test_evaluate_files_writes_results_beside_the_predictions(capsys, tmp_path):
    clips = np.random.default_rng(0).integers(0, 256, (2, 4, 16, 16, 3), np.uint8)
    for name in ("ours", "real"):
        np.savez(tmp_path / f"{name}.npz", clips=clips)
    options = [f"--predictions={tmp_path}/ours.npz", f"--reference={tmp_path}/real.npz"]
    assert main.main(["evaluate", *options]) == 0
    assert (tmp_path / "results.json").exists()
    assert "prediction" in capsys.readouterr().out


def test_evaluate_refuses_unknown_metrics(capsys, tmp_path):
    np.savez(tmp_path / "a.npz", clips=np.zeros((1, 2, 16, 16, 3), np.uint8))
    options = [f"--{name}={tmp_path}/a.npz" for name in ("predictions", "reference")]
    error = refused(capsys, "evaluate", *options, "--metrics=lpips")
    assert 'Unknown metric "lpips". Available: fvd, kvd, lpips_alex, lpips_vgg.' in error


@pytest.mark.parametrize(
    ("option", "config", "expected"),
    [
        ([], {"metrics": ["fvd"]}, ("fvd",)),
        ([], {}, ()),  # a run of an earlier version
        (["--metrics=kvd,lpips_alex"], {"metrics": ["fvd"]}, ("kvd", "lpips_alex")),
        (["--metrics="], {"metrics": ["fvd"]}, ()),
        (["--metrics=kvd, fvd"], {}, ("kvd", "fvd")),
    ],
)
def test_evaluate_takes_the_metrics_of_the_option_or_the_run(
    monkeypatch, tmp_path, option, config, expected
):
    config = {"dataset": {}, "eval_batch_size": 2, **config}
    asked = []

    def evaluate(animate, source, *, metrics, **_):
        asked.append(metrics)

    replaced = {
        "load_generator": lambda path: (config, {}, {"hash": "abc", "step": "3"}),
        "open_split": lambda config, split: [1, 2],
        "Take": lambda source, count: source,
        "_save": lambda found, path: {},
    }
    for name, function in replaced.items():
        monkeypatch.setattr(api, name, function)
    monkeypatch.setattr(api, "build_animator", lambda *_, **__: None)
    monkeypatch.setattr(api.scoring, "score_animator", evaluate)
    output = f"--output={tmp_path}/a.json"
    assert main.main(["evaluate", f"--workdir={tmp_path}", output, *option]) == 0
    assert asked == [expected]


def test_data_build_and_verify(capsys, tmp_path):
    shot = tmp_path / "raw" / "sky_train" / "vid" / "vid_1"
    shot.mkdir(parents=True)
    for number in range(32):
        Image.effect_noise((16, 16), 50).convert("RGB").save(shot / f"vid_frames_{number:08d}.jpg")
    source = f"--source={tmp_path / 'raw'}"
    assert main.main(["data", "verify", "sky", source]) == 0
    assert "32" in capsys.readouterr().out
    assert main.main(["data", "build", "sky", source, f"--data_dir={tmp_path / 'data'}"]) == 0
    assert (tmp_path / "data" / "ssagan_sky").is_dir()
    error = refused(capsys, "data", "build", "sky", source, "--max_size=3")
    assert "--max_size is not an option of the data set sky" in error


def test_an_unexpected_error_is_one_line_too(capsys, monkeypatch):
    monkeypatch.setattr(jax_setup, "set_up_jax", lambda: {}["a bug"])
    error = refused(capsys, "evaluate")
    assert "KeyError: 'a bug' (--debug shows where)" in error


def test_out_of_memory_names_what_to_change(capsys, monkeypatch):
    def fail():
        raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes.")

    monkeypatch.setattr(jax_setup, "set_up_jax", fail)
    error = refused(capsys, "evaluate")
    assert "out of memory: RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes. Try" in error
    for option in ("precision=bfloat16", "remat=levels", "micro_batches", "batch_size"):
        assert f"config.{option}" in error
    assert "ssagan doctor --config=FILE" in error


def test_out_of_memory_without_a_text(capsys, monkeypatch):
    def fail():
        raise MemoryError

    monkeypatch.setattr(jax_setup, "set_up_jax", fail)
    assert "out of memory: no more on this machine. Try" in refused(capsys, "evaluate")


def test_an_interrupt_has_its_own_status(monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(jax_setup, "set_up_jax", interrupt)
    assert main.main(["evaluate"]) == main.INTERRUPTED


def test_debug_shows_the_traceback(tmp_path):
    with pytest.raises(FileNotFoundError, match="No config file"):
        main.main(["train", "--config=no.py", f"--workdir={tmp_path}", "--debug"])


@pytest.mark.parametrize(
    "argv", [["train", "--wrong"], ["generate", "p", "-o", "o", "--config.x=1"]]
)
def test_unknown_options_end_with_status_2(capsys, argv):
    with pytest.raises(SystemExit) as stopped:
        main.main(argv)
    assert stopped.value.code == 2


def test_compiled_programs_are_kept_small_ones_too(tmp_path):
    wanted = {
        "jax_compilation_cache_dir": str(cache_folder()),
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in wanted}
    try:
        jax.config.update("jax_compilation_cache_dir", None)
        set_up_jax()
        assert {name: getattr(jax.config, name) for name in wanted} == wanted
        jax.config.update("jax_compilation_cache_dir", str(tmp_path))  # from the environment
        set_up_jax()
        assert jax.config.jax_compilation_cache_dir == str(tmp_path)
    finally:
        for name, value in before.items():
            jax.config.update(name, value)

"""The picture of a table, read from matplotlib's figure."""

from PIL import Image

from ssagan_jax.reproduce import gather, picture, plan
from ssagan_jax.reproduce.tables import Row
from tests.helpers.fake_runs import result, write_run
from tests.helpers.figures import points


def draw(tmp_path, rows):
    options = plan.Options(table="cloud", workdirs=tmp_path)
    found = gather.gather_runs(rows, options)
    picture.plot_table(found, gather.name_protocols(found), tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert image.format == "PNG"


def test_a_point_for_each_row_beside_the_posters(tmp_path, figures):
    poster = {"mse": 0.03, "psnr": 25.0, "ssim": 0.7}
    rows = [Row("a", "A", "x", poster=poster), Row("b", "B", "x"), Row("c", "C", poster=poster)]
    write_run(tmp_path / "a" / "seed0", result(20.0))
    write_run(tmp_path / "a" / "seed1", result(23.0))
    draw(tmp_path, rows)
    [figure] = figures
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:2] == ["MSE (author)", "PSNR (author)"] and "FVD" not in titles
    psnr = figure.axes[1]
    assert points(psnr, "o") == [(21.5, 0)]
    assert not points(psnr, "D")  # of another setting: numbers beside the points
    assert [(text.get_text(), text.get_position()[1] > 1) for text in psnr.texts] == [
        ("poster 25.00", False),
        ("poster 25.00", True),
    ]
    assert "Not this setting" in figure.get_suptitle()
    assert [20.0, 23.0] in [list(line.get_xdata()) for line in psnr.lines]
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["A", "B (not run)", "C"]


def test_the_posters_values_are_points_where_the_setting_is_its_own(tmp_path, figures):
    row = Row("a", "A", "x", poster={"psnr": 25.0})
    write_run(
        tmp_path / "a", result(20.0, size=128, step=221_100, protocol={"clip": [32, 128, 128]})
    )
    draw(tmp_path, [row])
    [figure] = figures
    psnr = next(axes for axes in figure.axes if axes.get_title() == "PSNR (author)")
    assert points(psnr, "D") == [(25.0, 0)] and not psnr.texts
    assert "poster" in [text.get_text() for text in figure.legends[0].get_texts()]
    assert not figure.get_suptitle()


def test_protocols_have_a_still_picture_each(tmp_path, figures):
    write_run(tmp_path / "a", result(20.0, still=22.0))
    write_run(tmp_path / "b", result(21.0, still=27.0, size=64))
    draw(tmp_path, [Row("a", "A", "x"), Row("b", "B", "x")])
    dotted = {
        line.get_xdata()[0] for line in figures[0].axes[1].lines if line.get_linestyle() == ":"
    }
    assert dotted == {22.0, 27.0}
    labels = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert labels == ["still picture, scored as A", "still picture, scored as B"]


def test_pretrained_metrics_have_panels_where_they_were_run(tmp_path, figures):
    write_run(tmp_path / "a", result(perceptual={"lpips_alex": 0.2, "fvd": 900.0}))
    draw(tmp_path, [Row("a", "A", "x")])
    titles = [axes.get_title() for axes in figures[0].axes]
    assert titles[-2:] == ["LPIPS (AlexNet)", "FVD"]
    assert points(figures[0].axes[-1], "o") == [(900.0, 0)]


def test_a_table_of_nothing_is_a_picture_too(tmp_path, figures):
    draw(tmp_path, [Row("a", "A", "x")])
    assert [axes.get_title() for axes in figures[0].axes] == ["MSE (author)"]

"""What all pictures made with matplotlib share."""

from matplotlib.figure import Figure
from PIL import Image

from ssagan_jax.viz.figures import collect_legend, save_figure


def make_figure():
    figure = Figure(figsize=(2, 1), dpi=50)
    for axes, labels in zip(figure.subplots(1, 2), (("a", "b"), ("b", "c")), strict=True):
        for label in labels:
            axes.plot([0, 1], label=label)
    return figure


def test_a_figure_is_a_png_alone_in_a_new_folder(tmp_path):
    path = tmp_path / "new" / "a.png"
    save_figure(make_figure(), path)
    with Image.open(path) as image:
        assert (image.format, image.size) == ("PNG", (100, 50))
    assert list(path.parent.iterdir()) == [path]


def test_each_label_is_in_a_legend_once():
    handles, labels = collect_legend(make_figure())
    assert labels == ["a", "b", "c"]
    assert len(handles) == 3

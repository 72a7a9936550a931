import io
import json
from importlib import resources

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.demo import icons


@pytest.mark.parametrize(("name", "side"), [(name, size[0]) for name, size in icons.ICONS.items()])
def test_icons_show_what_the_svg_does(name, side):
    image = Image.open(io.BytesIO(icons.png(name)))
    assert image.format == "PNG" and image.size == (side, side)
    pixels = np.asarray(image.convert("RGBA"))
    at = lambda x, y: tuple(pixels[int(y * side / 32), int(x * side / 32)].tolist())  # noqa: E731
    assert at(16, 2) == (0x2F, 0x6F, 0xB5, 255)
    assert at(23, 9) == (0xFF, 0xD2, 0x7A, 255)
    assert at(15, 20) == at(4, 19) == at(24, 20) == (255, 255, 255, 255)
    assert at(27, 28)[:3] == (0x2F, 0x6F, 0xB5)  # nothing beyond the cloud
    assert pixels[0, 0, 3] == (0 if icons.ICONS[name][1] else 255)


def test_the_manifest_names_them():
    static = resources.files("ssagan_jax.demo") / "static"
    manifest = json.loads((static / "manifest.json").read_text())
    named = {icon["src"].removeprefix("/static/"): icon["sizes"] for icon in manifest["icons"]}
    for name, (side, rounded) in icons.ICONS.items():
        assert not rounded or named[name] == f"{side}x{side}"
    assert "/static/icon-180.png" in (static / "index.html").read_text()

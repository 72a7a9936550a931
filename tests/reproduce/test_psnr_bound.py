"""The bound of PSNR by MSE: known rows, and clips made to a known spread."""

import numpy as np
import pytest

from ssagan_jax.reproduce import psnr_bound, tables
from ssagan_jax.reproduce.tables import Row

# Row: bound at peak 1, gap, spread; bound at peak 2, gap, spread.
KNOWN = {
    "RNN-GAN": (7.33, 0.47, 2.0, 13.35, -5.55, None),
    "VGAN": (10.19, 1.37, 3.5, 16.21, -4.65, None),
    "MD-GAN Stage II": (13.75, 2.45, 4.6, 19.77, -3.57, None),
    "Ours (a) of the poster": (14.21, 9.45, 9.1, 20.23, 3.43, 5.5),
    "Ours (b) of the poster": (14.27, 11.37, 9.9, 20.29, 5.35, 6.8),
}


def close(value, expected, digits):
    assert (value is None) == (expected is None)
    assert value is None or round(value, digits) == pytest.approx(expected, abs=0.011)


def test_the_rows_of_the_posters_beach_table():
    quoted = {row.label: row.poster for row in tables.BEACH if row.poster}
    assert quoted.keys() == KNOWN.keys()
    for label, expected in KNOWN.items():
        for peak, (least, gap, spread) in ((1.0, expected[:3]), (2.0, expected[3:])):
            found = psnr_bound.compute_bound(quoted[label]["mse"], quoted[label]["psnr"], peak=peak)
            close(found.bound, least, 2)
            close(found.gap, gap, 2)
            close(found.spread, spread, 1)


def test_the_spread_is_that_of_normally_distributed_psnr():
    psnr = 20 + 3.0 * np.random.default_rng(0).standard_normal(1_000_000)
    mse = 4 * 10 ** (-psnr / 10)  # at peak 2
    found = psnr_bound.compute_bound(mse.mean(), psnr.mean(), peak=2.0)
    assert found.spread == pytest.approx(3.0, abs=0.02)


def test_equal_frames_lie_on_the_bound():
    found = psnr_bound.compute_bound(0.04, 20.0, peak=2.0)
    assert found.gap == pytest.approx(0, abs=1e-9)


def test_beach_is_explained_from_its_numbers():
    text = "\n".join(psnr_bound.explain_bounds(tables.BEACH))
    assert text.startswith("RNN-GAN, VGAN, MD-GAN Stage II: PSNR lies below the bound at peak 2")
    assert "RNN-GAN 13.8, VGAN 17.6, MD-GAN Stage II 22.2" in text
    assert "a spread of 9.1 to 9.9 dB" in text
    assert "Ours (a) of the poster 7.5 dB as printed, 1.4 dB at one peak" in text
    assert "Ours (b) of the poster 9.4 dB as printed, 3.4 dB at one peak" in text


def test_the_explanation_follows_the_numbers():
    """Rows that are all possible, and rows that are all not, are told as such."""
    good = Row("a", "A", poster={"mse": 0.04, "psnr": 21.0})
    bad = Row("b", "B", poster={"mse": 0.04, "psnr": 15.0})
    assert psnr_bound.explain_bounds([good]) == [
        "Every quoted row is possible at peak 2, the authors' convention."
    ]
    text = "\n".join(psnr_bound.explain_bounds([bad]))
    assert text.startswith("B: PSNR lies below") and "Gain over" not in text
    assert psnr_bound.explain_bounds(tables.CLOUD) == psnr_bound.explain_bounds([good])


def test_the_table_has_every_quoted_row():
    found = psnr_bound.tabulate_bounds(tables.BEACH)
    assert [line["reading"] for line in found.lines] == ["only peak 1"] * 3 + ["peak 2"] * 2
    assert found.lines[0]["spread2"] == "impossible"

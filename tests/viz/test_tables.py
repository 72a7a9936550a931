"""Tables of words and numbers, for people and for programs."""

import csv
import io

from ssagan_jax.viz.tables import Table, Value

TABLE = Table(
    {"name": "row", "psnr": "PSNR", "fvd": "FVD"},
    [
        {"name": "a|b", "psnr": Value(24.9149, 24.0, 25.5, 2), "fvd": "not run"},
        {"name": "c", "psnr": "not run", "fvd": Value(123.456, digits=1)},
        {"name": "d", "psnr": Value(1 / 3, digits=2), "fvd": Value(2.0, digits=1)},
    ],
)


def test_markdown():
    assert TABLE.markdown().splitlines() == [
        "| row | PSNR | FVD |",
        "| --- | --- | --- |",
        "| a\\|b | 24.91 (24.00 to 25.50) | not run |",
        "| c | not run | 123.5 |",
        "| d | 0.33 | 2.0 |",
    ]


def test_csv_keeps_every_digit_and_splits_intervals():
    rows = list(csv.DictReader(io.StringIO(TABLE.csv())))
    assert list(rows[0]) == ["name", "psnr", "psnr_low", "psnr_high", "fvd"]
    assert rows[0]["psnr_low"] == "24.0" and rows[0]["psnr_high"] == "25.5"
    assert rows[1]["psnr"] == rows[1]["psnr_low"] == "not run"
    assert float(rows[2]["psnr"]) == 1 / 3 and rows[2]["psnr_low"] == "none"
    assert float(rows[1]["fvd"]) == 123.456
    assert all(value for row in rows for value in row.values())  # never a blank

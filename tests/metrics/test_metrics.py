"""Metrics are found by import."""

import sys

from ssagan_jax import metrics


def test_every_table_is_found():
    assert set(metrics.collect_table("FRAME")) == {"mse", "psnr", "ssim"}
    assert set(metrics.collect_table("CLIP")) == {"psnr_clip"}
    assert set(metrics.collect_table("BETTER")) == {"mse", "psnr", "ssim", "psnr_clip"}
    assert set(metrics.collect_table("BETTER").values()) == {"lower", "higher"}
    assert set(metrics.collect_table("RATIO")) == {"energy_ratio", "flow_ratio"}
    assert set(metrics.collect_table("MEAN")) == {"static_share", "flicker", "unexplained_change"}
    assert set(metrics.collect_table("SETTINGS")) == {"flow", "static_threshold_grey_levels"}


def test_a_new_file_is_enough(tmp_path, monkeypatch):
    (tmp_path / "brightness.py").write_text("FRAME = {'brightness': len}\n")
    monkeypatch.setattr(metrics, "__path__", [*metrics.__path__, str(tmp_path)])
    assert metrics.collect_table("FRAME")["brightness"] is len
    monkeypatch.delitem(sys.modules, "ssagan_jax.metrics.brightness")

"""Results as an evaluation returns them, made up."""

import copy


def row(psnr, *, left_out=0, slope=0.1):
    scores = {"mse": 0.0321, "psnr": psnr}
    curves = {"mse": [0.0, slope, 2 * slope], "psnr": [None, 300 * slope, 200 * slope]}
    return {
        "author": scores,
        "standard": scores,
        "motion": {"energy_ratio": 0.5},
        "curves": {"author": curves, "standard": copy.deepcopy(curves)},
        "left_out": {"author": {"mse": 0, "psnr": left_out}, "standard": {"mse": 0, "psnr": 0}},
    }


def make_results():
    """Results of two metrics in two conventions."""
    return {
        "protocol": {
            "checkpoint": "abc",
            "statistics": "running",
            "data": {"dataset": "sky"},
            "clips_sha256": "1",
            "conventions": {"author": {"first_frame": 0}, "standard": {"first_frame": 1}},
        },
        "rows": {"prediction": row(24.91), "still": row(None, left_out=3, slope=0.2)},
    }


def make_windy_results():
    """Results of a model that takes a wind, with draws."""
    psnr = {"prediction": 24.0, "wind_given": 27.0, "wind_reversed": 21.0, "wind_none": 23.0}
    rows = {name: row(value) for name, value in psnr.items()}
    made = make_results()
    drawn = {key: row(value) for key, value in (("first", 22.0), ("mean", 22.5), ("best", 26.0))}
    groups = {key: {k: x[k] for k in ("author", "standard", "motion")} for key, x in drawn.items()}
    return {
        "protocol": made["protocol"] | {"winds": list(psnr), "draws": 8},
        "rows": rows | {"still": made["rows"]["still"]},
        "draws": {"count": 8} | groups,
    }


def change_protocol(results, **entries):
    """The same results with other entries in their protocol."""
    other = copy.deepcopy(results)
    other["protocol"] |= entries
    return other


def ask_metrics(results, **metrics):
    """The same clips, scored by more metrics, with intervals."""
    other = copy.deepcopy(results)
    how = {"lpips_alex": {"weights_sha256": "1"}, "fvd": {"clips": 25, "enough_clips": 2048}}
    other["protocol"]["perceptual"] = {name: how[name] for name in metrics}
    for label, scored in other["rows"].items():
        scored["perceptual"] = dict(metrics)
        scored["interval"] = {
            "author": {"mse": [0.03, 0.034], "psnr": None if label == "still" else [9.5, 26.0]},
            "perceptual": {"lpips_alex": [0.01, 0.1234]} if "lpips_alex" in metrics else {},
        }
    return other

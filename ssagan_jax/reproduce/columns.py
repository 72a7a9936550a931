"""The columns of a table of scores: where each is in a row of results, and its mean over seeds."""

from collections.abc import Mapping, Sequence

from ssagan_jax.viz.tables import Value

# Column -> where it is in a row of results (group, name), its heading, digits for people.
# What is in brackets is an interval, or the quartiles of a median.
METRICS = {
    "author_mse": ("author", "mse", "MSE (author)", 4),
    "author_psnr": ("author", "psnr", "PSNR (author)", 2),
    "author_psnr_clip": ("author", "psnr_clip", "PSNR of clips (author)", 2),
    "author_ssim": ("author", "ssim", "SSIM (author)", 4),
    "standard_mse": ("standard", "mse", "MSE (standard)", 4),
    "standard_psnr": ("standard", "psnr", "PSNR (standard)", 2),
    "standard_ssim": ("standard", "ssim", "SSIM (standard)", 4),
    "energy_ratio": ("motion", "energy_ratio", "motion energy", 3),
    "energy_ratio_median": (
        "motion",
        "energy_ratio_median",
        "motion energy, clips: median (quartiles)",
        3,
    ),
    "flow_ratio": ("motion", "flow_ratio", "optical flow", 3),
    "flow_ratio_median": (
        "motion",
        "flow_ratio_median",
        "optical flow, clips: median (quartiles)",
        3,
    ),
    "static_share": ("motion", "static_share", "static share", 2),
    "flicker": ("motion", "flicker", "flicker, grey levels", 2),
    "unexplained_change": ("motion", "unexplained_change", "not explained by flow", 2),
    "lpips": ("perceptual", "lpips_alex", "LPIPS (AlexNet)", 4),
    "fvd": ("perceptual", "fvd", "FVD", 1),
    "lpips_vgg": ("perceptual", "lpips_vgg", "LPIPS (VGG)", 4),
    "kvd": ("perceptual", "kvd", "KVD", 2),
}
MEDIANS = ("energy_ratio_median", "flow_ratio_median")
LATER = (*MEDIANS, "flicker", "unexplained_change")  # which earlier versions did not score
ON_DEMAND = (*LATER, "lpips_vgg", "kvd")  # columns of tables that have them

Ends = tuple[float | None, float | None]


def select_columns(scores: Sequence[Mapping]) -> list[str]:
    """The columns of a table of these scores: those on demand only where a run has them."""
    groups = [row.get(key, {}) for row in scores for key in ("motion", "perceptual")]
    present = {name for group in groups for name in group}
    return [key for key in METRICS if key not in ON_DEMAND or METRICS[key][1] in present]


def average_metric(scores: Sequence[Mapping], metric: str) -> Value | str:
    """A metric's mean over seeds with its range; of one seed, with the interval that is stored.

    A median has the quartiles that are stored, of several seeds the means of each.

    Returns:
      "not run" where no result has it, "undefined" where a mean is over nothing.
    """
    group, name, _, digits = METRICS[metric]
    found = [score[group][name] for score in scores if name in score.get(group, {})]
    if not found:
        return "not run"
    if None in found:
        return "undefined"
    if metric in MEDIANS:
        low, high = _quartiles(scores, group, name)
    elif len(found) > 1:
        low, high = min(found), max(found)
    else:
        low, high = _range(scores[0], "interval", group, name)
    return Value(sum(found) / len(found), low, high, digits)


def _quartiles(scores: Sequence[Mapping], group: str, name: str) -> Ends:
    """The means over seeds of both; none if one seed has none."""
    pairs = [_range(score, "quartiles", group, name) for score in scores]
    known = [(low, high) for low, high in pairs if low is not None and high is not None]
    if len(known) < len(pairs):
        return None, None
    low, high = (sum(ends) / len(known) for ends in zip(*known, strict=True))
    return low, high


def _range(score: Mapping, kind: str, group: str, name: str) -> Ends:
    low, high = score.get(kind, {}).get(group, {}).get(name) or (None, None)
    return low, high

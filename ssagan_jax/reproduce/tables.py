"""The tables as data: which rows each has, how to train them, and what the poster says of them.

Numbers are the poster's (its Cloud and Beach tables, authors' convention). A table is a list of
rows in an order in which they can be trained.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ssagan_jax.config import loading
from ssagan_jax.evaluation.api import WITHOUT
from ssagan_jax.evaluation.bounds import BOUNDS
from ssagan_jax.evaluation.winds import KINDS

NAMES = ("cloud", "stages", "beach", "pos", "attention", "gamma", "losses", "wind")
DRAWS = 8  # winds drawn for each photo, where a row shows them


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
      name: of its folder under the workdirs, if it has its own.
      label: what the table calls it.
      config: the file under ``configs/`` without ``.py``; empty for a row that only quotes the
        poster.
      arguments: of that file.
      overrides: ``--config.key=value``, besides.
      poster: the poster's mse, psnr and ssim, as far as it has them.
      starts_from: the row whose generator training starts from.
      length: its steps are the budget's times this.
      shows: which scores of the run the line has: a row of its results, ``draws_mean`` or
        ``draws_best``; the label must say what it is. Empty: ``prediction``.
      run: the row whose run it shows; empty: its own.
    """

    name: str
    label: str
    config: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    poster: Mapping[str, float] = field(default_factory=dict)
    starts_from: str = ""
    length: float = 1.0
    shows: str = ""
    run: str = ""

    @property
    def folder(self) -> str:
        """The folder of the run that it shows."""
        return self.run or self.name

    @property
    def is_quote(self) -> bool:
        """Whether all there is of it are the poster's numbers."""
        return not (self.config or self.shows)

    @property
    def is_bound(self) -> bool:
        """Whether it is made from the true clips, without training."""
        return self.shows in BOUNDS


def _quoted(mse: float, psnr: float, ssim: float) -> dict[str, float]:
    return {"mse": mse, "psnr": psnr, "ssim": ssim}


_CLOUD_SSAGAN = _quoted(0.0232, 24.9100, 0.6805)
CLOUD = (
    Row("unet", "U-Net without attention (control)", "unet"),
    Row("mdgan1", "MD-GAN Stage I", "mdgan", {"stage": 1}, poster=_quoted(0.0970, 16.9019, 0.3583)),
    Row(
        "mdgan2",
        "MD-GAN Stage II",
        "mdgan",
        {"stage": 2},
        poster=_quoted(0.0307, 22.7372, 0.5920),
        starts_from="mdgan1",
    ),
    Row("ssagan", "SSA-GAN, poster's recipe", "ssagan", poster=_CLOUD_SSAGAN),
    Row(
        "ssagan_author",
        "SSA-GAN, authors' recipe",
        "ssagan",
        {"recipe": "author"},
        poster=_CLOUD_SSAGAN,
    ),
    Row(
        "ssagan_author_equal",
        "SSA-GAN, authors' recipe, as many generator updates",
        "ssagan",
        {"recipe": "author"},
        poster=_CLOUD_SSAGAN,
        length=5.0,  # its n_critic
    ),
)

# The poster's other claim: one network, learnt end to end, does what took two stages. All rows by
# the poster's losses, and as long as makes their trainings' arithmetic the same at 32 px.
STAGES = (
    Row("stages_ssagan", "end to end: SSA-GAN", "ssagan"),
    Row("stages_unet", "end to end: U-Net without attention", "unet", length=1.335),
    Row(
        "stages_one",
        "one stage: MD-GAN Stage I alone",
        "mdgan",
        {"stage": 1, "recipe": "poster"},
        length=1.5425,
    ),
    Row(
        "stages_first",
        "of two stages the first: MD-GAN Stage I",
        "mdgan",
        {"stage": 1, "recipe": "poster"},
        length=0.655,
    ),
    Row(
        "stages_second",
        "two stages: MD-GAN Stage II on top of it",
        "mdgan",
        {"stage": 2, "recipe": "poster", "ranking": "none"},
        starts_from="stages_first",
        length=0.655,
    ),
)

_SUM = (
    "--config.generator.skips=sum",
    "--config.generator.c_cal=8",
    "--config.generator.attention_at=('encoder',)",
)


def _beach_ssagan(size: int) -> tuple[Row, Row]:
    """The two forms in the authors' code. The poster's (a) and (b) are not known to be either."""
    arguments = {"recipe": "author", "size": size}
    return (
        Row(
            f"beach_ssagan{size}_sum",
            f"SSA-GAN {size} px, authors' recipe, sum skips, c_cal 8, encoder attention",
            "ssagan",
            arguments,
            overrides=_SUM,
        ),
        Row(
            f"beach_ssagan{size}_concat",
            f"SSA-GAN {size} px, authors' recipe, concat skips, c_cal 1",
            "ssagan",
            arguments,
        ),
    )


BEACH = (
    Row("beach_rnngan", "RNN-GAN", "rnngan", poster=_quoted(0.1849, 7.7988, 0.5143)),
    Row("beach_vgan", "VGAN", "vgan", poster=_quoted(0.0958, 11.5586, 0.6035)),
    Row("beach_tgan", "TGAN", "tgan"),
    Row("beach_mdgan1", "MD-GAN Stage I", "mdgan", {"stage": 1}),
    Row(
        "beach_mdgan2",
        "MD-GAN Stage II",
        "mdgan",
        {"stage": 2},
        poster=_quoted(0.0422, 16.1951, 0.8019),
        starts_from="beach_mdgan1",
    ),
    *_beach_ssagan(64),
    *_beach_ssagan(128),
    Row("ours_a", "Ours (a) of the poster", poster=_quoted(0.0379, 23.6601, 0.7320)),
    Row("ours_b", "Ours (b) of the poster", poster=_quoted(0.0374, 25.6432, 0.7346)),
)


def _wind_rows(output: str, label: str, shows: tuple[str, ...]) -> tuple[Row, ...]:
    """One training, scored in several winds; the first row is of the likely wind."""
    name = f"wind_{output}"
    first = Row(
        name, f"{label}, {KINDS['prediction']}", "wind", {"output": output}, shows="prediction"
    )
    others = [
        Row(f"{name}_{kind.removeprefix('wind_')}", f"{label}, {KINDS[kind]}", shows=kind, run=name)
        for kind in shows
    ]
    return (first, *others)


WIND = (
    *_wind_rows("direct", "SSA-GAN direct", ("wind_given",)),
    *_wind_rows("residual", "SSA-GAN residual", ("wind_given",)),
    *_wind_rows("warp", "warp", ("wind_given", "wind_reversed", "wind_none")),
    Row(
        "wind_warp_drawn",
        f"warp, {DRAWS} winds drawn: mean",
        shows="draws_mean",
        run="wind_warp",
    ),
    Row(
        "wind_warp_best", f"warp, best of {DRAWS} winds drawn", shows="draws_best", run="wind_warp"
    ),
    Row("wind_bounds", BOUNDS["static_field"], shows="static_field"),
    Row("wind_bounds_vector", BOUNDS["one_vector"], shows="one_vector", run="wind_bounds"),
)


def list_rows(table: str) -> tuple[Row, ...]:
    """The rows of a table that is about training.

    Raises:
      ValueError: for another name.
      FileNotFoundError: without the folder ``configs``.
    """
    listed = {"cloud": CLOUD, "stages": STAGES, "beach": BEACH, "wind": WIND}
    if table in listed:
        return listed[table]
    ablations = {
        "attention": "ablation_attention",
        "gamma": "ablation_gamma",
        "losses": "ablation_loss",
    }
    if table not in ablations:
        raise ValueError(f'Unknown table "{table}". Known: {", ".join(NAMES)}.')
    file = ablations[table]
    rows = tuple(
        Row(f"{table}_{name}", label, file, arguments)
        for name, label, arguments in loading.sweep(file)
    )
    return (*rows, *_without_attention(rows)) if table == "gamma" else rows


def _without_attention(rows: Iterable[Row]) -> Iterable[Row]:
    """The same runs with their gammas set to 0: does the model need what it learnt there?"""
    for row in rows:
        if row.arguments["attention"] != "none":
            name = f"{row.name}_without"
            yield Row(name, f"{row.label}; set to 0 for the test", shows=WITHOUT, run=row.name)


def list_trainings(table: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows of a table whose runs the given rows show."""
    folders = {row.folder for row in rows}
    return tuple(row for row in list_rows(table) if row.name in folders)


def select_rows(table: str, names: str) -> tuple[Row, ...]:
    """The rows of a table, or those of the comma-separated ``names``, in the table's order.

    Raises:
      ValueError: for a name that is no row, naming the rows.
    """
    known = list_rows(table)
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in {row.name for row in known}:
            listed = ", ".join(row.name for row in known)
            raise ValueError(f'The table {table} has no row "{name}". Its rows: {listed}.')
    return tuple(row for row in known if row.name in wanted) if wanted else known

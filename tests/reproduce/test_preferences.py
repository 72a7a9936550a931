"""The table of preferences."""

import pytest
from PIL import Image

from ssagan_jax.reproduce import preferences


def test_the_posters_counts(tmp_path):
    table, sections = preferences.tabulate_preferences("", tmp_path / "pos.png")
    assert [str(line["pos"]) for line in table.lines] == [
        "871 (849 to 890)",
        "526 (495 to 557)",
        "286 (259 to 315)",
        "322 (294 to 352)",
        "334 (305 to 364)",
    ]
    verdicts = ["yes, for SSA-GAN", "no", *["yes, for real"] * 3]
    assert [line["significant"] for line in table.lines] == verdicts
    assert {line["clustered"] for line in table.lines} == {"unknown"}
    assert "SSA-GAN over MD-GAN Stage II: 526 is not significant" in sections["Notes"]
    assert "SSA-GAN has 334 and MD-GAN Stage II 322: z = 0.57 (not sig" in sections["Notes"]
    assert "SSA-GAN has 334 and MD-GAN Stage I 286: z = 2.32 (significant" in sections["Notes"]
    with Image.open(tmp_path / "pos.png") as image:
        assert image.format == "PNG"


@pytest.mark.parametrize(
    ("raters", "clustered", "verdict"),
    [
        (1, "one rater only", "1000, of too few raters to say"),
        (3, "1000 (1000 to 10", "1000, of too few raters to say"),
        (5, "1000 (1000 to 10", "so people preferred those of ssagan"),
    ],
)
def test_votes_of_a_study(tmp_path, raters, clustered, verdict):
    lines = [f"r{r},{pair},ssagan,mdgan1,left" for r in range(raters) for pair in range(9)]
    path = tmp_path / "votes.csv"
    path.write_text("rater,pair,left,right,chosen\n" + "\n".join(lines))
    table, sections = preferences.tabulate_preferences(str(path), tmp_path / "pos.png")
    [line] = table.lines
    assert line["label"] == "ssagan over mdgan1"
    assert line["raters"] == str(raters)
    assert str(line["clustered"]).startswith(clustered)
    assert f"Votes: {path}" in sections["Notes"]
    assert verdict in sections["Notes"]
    assert line["significant"] == ("yes, for ssagan" if raters == 5 else "unknown: under 5 raters")

"""The folder of a study: what it holds, written and read.

``study.json`` is the key: which system is in which half of which film. It is never served.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.sealed_json import DamagedFile, read_sealed, seal
from ssagan_jax.io.text_files import read_text
from ssagan_jax.reproduce.study.design import Trial

SCHEMA = 1
KEY, CLIPS, VOTES, SCORES = "study.json", "clips", "votes.jsonl", "scores"
CONSENTS = ("consent.md", "consent.txt")
LONGEST_CONSENT = 20_000  # characters
CONSENT = """\
# Before you begin

You will see pairs of short clips of landscapes, side by side. Choose the one that looks more \
realistic to you. Some are filmed, some are made by a computer.

No names are kept, only your choices and how long they took, under a code that you can note down \
to go on later. You may stop at any time: close the page.

By choosing "Begin" you agree that your choices are used, with those of others, to compare \
programs that make clips.
"""


@dataclass(frozen=True)
class Study:
    """What ``study.json`` says.

    Attributes:
      name: random; answers say to which study they belong.
      seed: of all draws.
      systems: their names, in the order of the options.
      sources: by system, where its clips come from, and the SHA-256 of all of them.
      fps: of the films, frames per second.
      height, width: of one clip, pixels.
      second: where a film's right half begins, pixels from its left edge.
      trials: sorted by name.
      clips: by system and clip, the SHA-256 of the frames of each clip that is shown.
    """

    name: str
    seed: int
    systems: tuple[str, ...]
    sources: Mapping[str, Mapping[str, Any]]
    fps: int | float
    height: int
    width: int
    second: int
    trials: tuple[Trial, ...]
    clips: Mapping[str, Mapping[str, str]]

    @property
    def by_name(self) -> dict[str, Trial]:
        """The trials by name."""
        return {trial.name: trial for trial in self.trials}


def write_study(folder: Path, study: Study) -> None:
    """Writes the key and, where there is none, a text of consent to be edited.

    Raises:
      OSError: if they cannot be written.
    """
    with replacing(folder / KEY) as partial:
        content = seal({"schema": SCHEMA, **asdict(study)})
        partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    if not any((folder / name).exists() for name in CONSENTS):
        with replacing(folder / CONSENTS[0]) as partial:
            partial.write_text(CONSENT, encoding="utf-8")


def read_study(folder: Path) -> Study:
    """Reads a study's key.

    Raises:
      FileNotFoundError: if the folder is none of a study.
      ValueError: if the key was altered, or is of a later version.
    """
    path = folder / KEY
    if not path.is_file():
        raise FileNotFoundError(
            f"No study at {folder}: it has no {KEY}. Make one: ssagan study make --a=DIR --b=DIR "
            "-o STUDY."
        )
    content = read_sealed(path)
    if (schema := content.pop("schema", None)) != SCHEMA:
        raise ValueError(f"{path} has schema {schema}, expected {SCHEMA}. Update ssagan_jax.")
    try:
        trials = [
            Trial(**{**trial, "halves": tuple(trial["halves"])}) for trial in content["trials"]
        ]
        return Study(**{**content, "trials": tuple(trials), "systems": tuple(content["systems"])})
    except (KeyError, TypeError) as error:
        raise DamagedFile(f"{path} is damaged: {error}.") from error


def read_consent(folder: Path) -> str:
    """The text that raters agree to, from ``consent.md`` or ``consent.txt``.

    Raises:
      FileNotFoundError: if there is neither.
      ValueError: if it is empty, too long or not in UTF-8.
    """
    path = next((folder / name for name in CONSENTS if (folder / name).is_file()), None)
    if path is None:
        raise FileNotFoundError(
            f"{folder} has no {CONSENTS[0]}: the text that raters read first. Write one."
        )
    text = read_text(path).strip()
    if not 0 < len(text) <= LONGEST_CONSENT:
        raise ValueError(f"{path} has {len(text)} characters; expected 1 to {LONGEST_CONSENT:,}.")
    return text


def describe(study: Study, consent: str) -> dict[str, Any]:
    """What a rater's page may know: nothing of systems, kinds and clips' names."""
    return {
        "schema": SCHEMA,
        "study": study.name,
        "consent": consent,
        "width": study.width,
        "height": study.height,
        "second": study.second,
        "trials": len(study.trials),
    }


def check_clips(folder: Path, study: Study) -> None:
    """Raises FileNotFoundError if a film is missing."""
    missing = [t.name for t in study.trials if not (folder / CLIPS / f"{t.name}.mp4").is_file()]
    if missing:
        raise FileNotFoundError(
            f"{folder / CLIPS} lacks {len(missing)} of {len(study.trials)} films, among them "
            f"{missing[0]}.mp4. Copy the whole folder of the study."
        )

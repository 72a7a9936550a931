"""JSON with its own digest: whatever is said otherwise than it was written is refused."""

import json

import pytest

from ssagan_jax.io.sealed_json import DamagedFile, read_sealed, seal
from tests.helpers.flips import flip_bit

CONTENT = {"step": 4, "psnr": 24.125, "name": "sky", "rows": [1.5, None, True], "tuple": (1, 2)}


@pytest.fixture
def path(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(seal(CONTENT)))
    return tmp_path / "a.json"


def test_what_was_sealed_comes_back(path):
    assert read_sealed(path) == json.loads(json.dumps(CONTENT))


def test_indentation_is_no_damage(path):
    path.write_text(json.dumps(seal(CONTENT), indent=4))
    assert read_sealed(path)["step"] == 4


def test_every_flip_is_found_or_says_the_same(path):
    whole = path.read_bytes()
    found = 0
    for bit in range(0, 8 * len(whole), 9):
        flip_bit(path, bit)
        try:
            assert read_sealed(path) == json.loads(json.dumps(CONTENT))
        except DamagedFile:
            found += 1
        path.write_bytes(whole)
    assert found > 0.95 * 8 * len(whole) / 9  # the rest: blanks, e and E, and the like


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.json is damaged: it is not JSON"),
        ("{", "a.json is damaged: it is not JSON"),
        ("[1]", "a.json is damaged: expected a JSON object"),
        ('{"step": 4}', "a.json is damaged: it has no self_sha256"),
        ('{"self_sha256": "00"}', r"its SHA-256 is 44136fa355b3\.\.\., expected 00\.\.\."),
    ],
)
def test_what_is_wrong_is_said_with_the_name(path, text, message):
    path.write_text(text)
    with pytest.raises(DamagedFile, match=message):
        read_sealed(path)


def test_older_files_without_a_digest_may_be_taken(path):
    path.write_text('{"step": 4}')
    assert read_sealed(path, older=True) == {"step": 4}
    path.write_text('{"step": 4, "self_sha256": "00"}')
    with pytest.raises(DamagedFile):
        read_sealed(path, older=True)


def test_what_json_does_not_know_is_not_sealed():
    with pytest.raises(ValueError, match="JSON"):
        seal({"psnr": float("nan")})

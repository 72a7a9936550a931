"""A damaged line costs no other."""

import pytest

from ssagan_jax.io.json_lines import read_lines

GOOD = b'{"step": 1, "x": 0.5}\n'


@pytest.mark.parametrize(
    "bad",
    [
        b"oops\n",
        b'{"step": 1, "x": 0.\n',
        b'{"step": 1, "x": "\xff"}\n',
        b"\0\0\0\0\n",
        b"\n",
        b"[1]\n",
        b'{"x": 1}\n',
        b'{"step": "1"}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_a_damaged_line_is_none(tmp_path, bad):
    (tmp_path / "m").write_bytes(GOOD + bad + GOOD)
    found = read_lines(tmp_path / "m", key="step")
    assert [(line.number, line.record is None) for line in found] == [
        (1, False),
        (2, True),
        (3, False),
    ]
    assert found[1].content == bad and found[2].record == {"step": 1, "x": 0.5}


def test_a_line_without_its_end_is_left_out(tmp_path):
    (tmp_path / "m").write_bytes(GOOD + b'{"step": 2}')
    assert [line.number for line in read_lines(tmp_path / "m", key="step")] == [1]

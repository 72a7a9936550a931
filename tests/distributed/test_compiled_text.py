"""A compiled program's instructions, and how often each runs."""

import pytest

from ssagan_jax.distributed.compiled_text import read_computations, walk

PROGRAM = """HloModule jit_step

%body (state: (s32[], f32[8])) -> (s32[], f32[8]) {
  %doubled = f32[8]{0} add(%x, %x)
}

%condition (state: (s32[], f32[8])) -> pred[] {
  %three = s32[]{:T(128)} constant(3), metadata={op_name="jit(step)"}
  ROOT %less = pred[] compare(%counter, %three), direction=LT
}

ENTRY %main (p: f32[8]) -> f32[8] {
  %loop = (s32[], f32[8]{0}) while(%t), condition=%condition, body=%body
  ROOT %last = f32[8]{0} copy(%p)
}
"""


def times(program):
    return {one["name"]: found for one, *found in walk(*read_computations(program))}


def test_a_condition_says_how_often_a_loop_runs():
    expected = {"loop": [1, True], "doubled": [3, True], "last": [1, True]}
    assert expected.items() <= times(PROGRAM).items()


def test_a_note_is_believed_first():
    noted = PROGRAM.replace("body=%body", 'body=%body, config={"known_trip_count":{"n":"2"}}')
    assert times(noted)["doubled"] == [2, True]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("direction=LT", "direction=NE"),
        ("  ROOT %less", "  %four = s32[] constant(4)\n  ROOT %less"),
        ("s32[]{:T(128)} constant", "f32[]{:T(128)} constant"),
    ],
)
def test_other_conditions_say_nothing(old, new):
    assert times(PROGRAM.replace(old, new))["doubled"] == [1, False]

"""A TPU's cycles, as its compiler notes them."""

from ssagan_jax.training.cycles import estimate_cycles

NOTED = """HloModule jit_step

%body (state: (s32[], f32[8])) -> (s32[], f32[8]) {
  %doubled = f32[8]{0} fusion(%x), calls=%fused, config={"estimated_cycles":"50"}
}

%condition (state: (s32[], f32[8])) -> pred[] {
  %three = s32[]{:T(128)} constant(3)
  ROOT %less = pred[] compare(%counter, %three), direction=LT
}

%fused (x: f32[8]) -> f32[8] {
  ROOT %sum = f32[8]{0} add(%x, %x)
}

ENTRY %main (p: f32[8]) -> f32[8] {
  %loop = (s32[], f32[8]{0}) while(%t), condition=%condition, body=%body
  ROOT %last = f32[8]{0} copy(%p), config={"estimated_cycles":"7"}
}
"""


def test_loops_count_as_often_as_they_run():
    assert estimate_cycles(NOTED) == 3 * 50 + 7


def test_other_compilers_note_nothing():
    assert estimate_cycles(NOTED.replace("estimated_cycles", "others")) is None

"""What devices send each other, read from a program's text. Of real steps: test_multi_device."""

import pytest

from ssagan_jax.distributed.compiled_collectives import (
    Collective,
    describe_collectives,
    mean_step_collectives,
    read_collectives,
    summarise_collectives,
)

# As XLA writes programs, cut to what is read; the accelerator's way of asynchronous ones too.
PROGRAM = """HloModule jit_step, entry_computation_layout={(f32[8]{0})->f32[8]{0}}, num_partitions=8

%add (x: f32[], y: f32[]) -> f32[] {
  %x = f32[] parameter(0)
  ROOT %sum = f32[] add(%x, %y)
}

%body (state: (s32[], f32[8])) -> (s32[], f32[8]) {
  %in_loop = bf16[8,2]{1,0:T(8,128)} all-reduce(%x), replica_groups={{0,1,2,3},{4,5,6,7}}, to_apply=%add
}

%inner (state: (s32[], f32[8])) -> (s32[], f32[8]) {
  %in_both = f32[3]{0} all-gather(%x), replica_groups=[4,2]<=[8], dimensions={0}
}

%outer (state: (s32[], f32[8])) -> (s32[], f32[8]) {
  %while.2 = (s32[], f32[8]{0}) while(%t), condition=%done, body=%inner, backend_config={"known_trip_count":{"n":"3"}}
}

%done (state: (s32[], f32[8])) -> pred[] {
  ROOT %less = pred[] compare(%x, %y), direction=LT
}

%forever (state: (s32[], f32[8])) -> (s32[], f32[8]) {
  %in_unknown = f32[] all-reduce(%x), replica_groups={}, to_apply=%add
}

%wrapped (x: f32[8]) -> f32[1] {
  ROOT %scattered = f32[1]{0} reduce-scatter(%x), replica_groups=[1,8]<=[8], dimensions={0}, to_apply=%add
}

%yes (x: f32[8]) -> f32[8] {
  ROOT %swapped = f32[8]{0} collective-permute(%x), source_target_pairs={{0,1},{1,0}}
}

%no (x: f32[8]) -> f32[8] {
  ROOT %same = f32[8]{0} copy(%x)
}

ENTRY %main (p: f32[8]) -> f32[8] {
  %p = f32[8]{0} parameter(0)
  %two = (f32[4]{0}, /*index=1*/f32[2,3]{1,0}) all-reduce(%a, %b), replica_groups=mesh['data'=4,'fsdp'=2] {'data','fsdp'}, to_apply=%add, metadata={op_name="jit(step)/dense"}
  %start = (f32[1]{0}, f32[8]{0}) all-gather-start(%p), replica_groups=mesh['data'=4,'fsdp'=2], device_ids=([2,4]T(1,0)) {'data':(1)2}, metadata={op_name="jit(step)/gather"}
  %finish = f32[8]{0} all-gather-done(%start), metadata={op_name="jit(step)/gather"}
  %bits = (pred[16]{0}, pred[16]{0}) all-to-all(%c, %d), replica_groups={{0,1},{2,3},{4,5},{6,7}}
  %while.1 = (s32[], f32[8]{0}) while(%t), condition=%done, body=%body, backend_config={"known_trip_count":{"n":"5"}}
  %while.3 = (s32[], f32[8]{0}) while(%t), condition=%done, body=%outer, backend_config={"known_trip_count":{"n":"2"}}
  %while.4 = (s32[], f32[8]{0}) while(%t), condition=%done, body=%forever
  %async = ((f32[8]{0}), f32[1]{0}) async-start(%p), calls=%wrapped
  %awaited = f32[1]{0} async-done(%async), calls=%wrapped
  ROOT %either = f32[8]{0} conditional(%q, %p, %p), true_computation=%yes, false_computation=%no
}
"""  # noqa: E501


def found(kind, **more):
    [one] = [
        one
        for one in read_collectives(PROGRAM)
        if one.kind == kind and all(getattr(one, name) == value for name, value in more.items())
    ]
    return one


def test_one_operation_may_take_several_arrays():
    arrays = (("f32", (4,)), ("f32", (2, 3)))
    assert found("all-reduce", group=8, times=1, counted=True) == Collective(
        "all-reduce", arrays, 8, 1, True, "jit(step)/dense"
    )
    assert found("all-reduce", arrays=arrays).bytes == 4 * 10


def test_an_asynchronous_one_is_one():
    gathered = found("all-gather", times=1)
    assert gathered == Collective("all-gather", (("f32", (8,)),), 2, 1, True, "jit(step)/gather")
    assert gathered.bytes == 32


def test_what_is_wrapped_is_found_and_counted_whole():
    scattered = found("reduce-scatter")
    assert (scattered.group, scattered.arrays) == (8, (("f32", (1,)),))
    assert scattered.bytes == 32


def test_loops_count_as_often_as_they_run():
    assert found("all-reduce", arrays=(("bf16", (8, 2)),)).times == 5
    assert found("all-reduce", arrays=(("bf16", (8, 2)),)).bytes == 2 * 16
    assert found("all-gather", arrays=(("f32", (3,)),)).times == 6


def test_a_loop_that_does_not_say_counts_once():
    assert found("all-reduce", arrays=(("f32", ()),)) == Collective(
        "all-reduce", (("f32", ()),), 0, 1, False, ""
    )


def test_every_branch_is_listed():
    permuted = found("collective-permute")
    assert (permuted.group, permuted.bytes) == (0, 32)


def test_the_summary_adds_up():
    totals = summarise_collectives(read_collectives(PROGRAM))
    assert totals == {
        "all-reduce": {"count": 7, "bytes": 40 + 5 * 32 + 4},
        "all-gather": {"count": 7, "bytes": 32 + 6 * 12},
        "reduce-scatter": {"count": 1, "bytes": 32},
        "all-to-all": {"count": 1, "bytes": 32},
        "collective-permute": {"count": 1, "bytes": 32},
    }


def test_in_words():
    totals = {
        "all-reduce": {"count": 1234, "bytes": 3 * 2**19},
        "all-gather": dict(count=1, bytes=0),
    }
    assert describe_collectives(totals) == "1,234 all-reduce of 1.50 MiB; 1 all-gather of 0.00 MiB"
    assert describe_collectives({}) == "none"
    assert describe_collectives({"all-reduce": dict(count=70.4, bytes=0)}).startswith("70.4 all-r")


def test_the_mean_step_has_a_share_of_the_generators_update():
    sent = {
        "discriminator": {"all-reduce": dict(count=10, bytes=100)},
        "generator": {
            "all-reduce": dict(count=5, bytes=50),
            "all-gather": dict(count=1, bytes=8),
        },
    }
    assert mean_step_collectives(sent, 2) == {
        "all-reduce": {"count": 12.5, "bytes": 125},
        "all-gather": {"count": 0.5, "bytes": 4},
    }
    assert mean_step_collectives({"discriminator": {}, "generator": {}}, 2) == {}


def test_groups_in_a_new_notation():
    program = PROGRAM.replace("[4,2]<=[8]", "torus(8)")
    with pytest.raises(
        ValueError, match=r"groups of devices in 'replica_groups=torus\(8\).*expected"
    ):
        read_collectives(program)


def test_a_scattered_sum_of_an_unknown_number_of_devices():
    one = Collective("reduce-scatter", (("f32", (2,)),), 0, 1, True, "")
    with pytest.raises(ValueError, match=r"How many devices share .* is not in the program"):
        _ = one.bytes

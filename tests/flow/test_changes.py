"""Changes survive the way into the sealed block and back, and a damaged block is refused."""

import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.flow.changes import LONGEST_VALUE, MAGIC, ChangeCollector, Recorded, decode
from workbench.records.action import Action
from workbench.records.change import Change
from workbench.records.errors import IntegrityBroken

values = st.none() | st.binary(max_size=20)
tags = st.integers(0, 0xFFFFFFFF)
paths = st.lists(tags, min_size=1, max_size=5).map(tuple)
changes = st.builds(
    Change, path=paths, action=st.sampled_from(Action), rule=st.text(max_size=12), before=values, after=values
)


def collect(series):
    collector = ChangeCollector()
    for instance in series:
        collector.add(instance)
    return collector


@settings(max_examples=150)
@given(st.lists(st.lists(changes, max_size=6), max_size=20))
def test_every_change_comes_back_with_its_instances(series):
    found = decode(collect(series).encode())
    assert found.instances == len(series)
    for position, instance in enumerate(series):
        assert {row.change for row in found.rows if position in row.instances} == set(instance)
    assert len({row.change for row in found.rows}) == len(found.rows)
    assert found.total == sum(len(set(instance)) for instance in series)


def test_a_large_series_is_small():
    common = [Change((0x00100010,), Action.EMPTY, "E.1-1 (0010,0010)", b"DOE^JANE", b"")] * 1
    series = [
        [*common, Change((0x00080018,), Action.REMAP, "E.1-1 (0008,0018)", b"1.2.%d" % number, b"2.25.%d" % number)]
        for number in range(2000)
    ]
    block = collect(series).encode()
    assert len(block) < 25_000
    found = decode(block)
    assert found.rows[0] == Recorded(common[0], tuple(range(2000)))


def test_half_of_a_series_takes_a_bitmap_and_comes_back():
    some = Change((0x00081030,), Action.REMOVE, "r", b"x", None)
    series = [[some] if number % 2 else [] for number in range(999)]
    assert decode(collect(series).encode()).rows[0].instances == tuple(range(1, 999, 2))


def test_huge_values_are_cut():
    found = decode(collect([[Change((1,), Action.REMOVE, "r", b"x" * (LONGEST_VALUE + 9), None)]]).encode())
    assert len(found.rows[0].change.before or b"") == LONGEST_VALUE


@settings(max_examples=150)
@given(st.binary(max_size=60), st.booleans())
def test_damage_is_refused_and_never_crashes(noise, packed):
    block = MAGIC + zlib.compress(noise) if packed else MAGIC + noise
    with suppress(IntegrityBroken):
        decode(block)


def test_truncation_is_refused():
    block = collect([[Change((1,), Action.REMOVE, "r", b"before", None)]]).encode()
    for length in range(len(block)):
        with pytest.raises(IntegrityBroken):
            decode(block[:length])

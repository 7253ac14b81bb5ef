import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.pixels.palette import PALETTE_TAGS, darkest_entry, shown_colours
from workbench.records.errors import InstanceRefused

DESCRIPTORS = (0x00281101, 0x00281102, 0x00281103)
TABLES = (0x00281201, 0x00281202, 0x00281203)
SEGMENTED = (0x00281221, 0x00281222, 0x00281223)


SIGNED = {0x00280103: b"\1\0"}


def palette(colours, *, first=0, bits=16):
    entries = np.array(colours)
    found = dict.fromkeys(DESCRIPTORS, struct.pack("<3H", len(colours) % 65536, first % 65536, bits))
    kind = np.uint8 if bits == 8 else np.dtype("<u2")
    return found | {tag: entries[:, n].astype(kind).tobytes() for n, tag in enumerate(TABLES)}


@pytest.mark.parametrize("bits", [8, 16])
def test_the_darkest_colour_is_found_by_its_luminance(bits):
    # Blue looks darker than green of the same strength.
    assert darkest_entry(palette([[9, 200, 9], [9, 9, 200], [90, 90, 90]], bits=bits), 8) == 1


def test_the_first_entry_may_stand_for_another_value():
    assert darkest_entry(palette([[5, 5, 5], [1, 1, 1]], first=100), 8) == 101


@pytest.mark.parametrize("first", [256, 40000, 65535])
def test_a_palette_out_of_reach_shows_its_first_colour_everywhere(first):
    assert 0 <= darkest_entry(palette([[5, 5, 5], [1, 1, 1]], first=first), 8) < 256


def test_the_first_entry_may_stand_for_a_value_with_a_sign():
    found = palette([[5, 5, 5], [4, 4, 4], [1, 1, 1], [3, 3, 3]], first=-3) | SIGNED
    assert darkest_entry(found, 8) == 0xFF
    first, colours = shown_colours(found)
    assert (first, len(colours)) == (-3, 4)


def test_what_lies_before_the_first_value_of_a_palette_with_signs_is_shown_like_it():
    assert darkest_entry(palette([[1, 1, 1]] * 2 + [[2, 2, 2]] * 200, first=-200) | SIGNED, 8) == 0x80


def test_entries_of_eight_bits_in_words_of_sixteen_are_not_all_black():
    assert shown_colours(palette([[0, 0, 0], [90, 200, 255]]))[1].tolist() == [[0, 0, 0], [90, 200, 255]]


def test_entries_that_no_stored_value_reaches_do_not_count():
    assert darkest_entry(palette([[5, 5, 5]] * 16 + [[0, 0, 0]]), 4) == 0


def test_a_palette_of_all_values_has_zero_entries_by_name():
    assert darkest_entry(palette(np.arange(65536)[::-1, None].repeat(3, 1)), 16) == 65535


def test_segments_are_expanded():
    # Two values, then a line to 10, then to 0 (PS3.3 C.7.9.2.2).
    words = [0, 2, 500, 400, 1, 4, 10, 1, 5, 0]
    found = dict.fromkeys(DESCRIPTORS, struct.pack("<3H", 11, 0, 16))
    found |= dict.fromkeys(SEGMENTED, np.array(words, "<u2").tobytes())
    assert darkest_entry(found, 8) == 10


def test_a_segment_may_repeat_others():
    # Values 7 and 3; then the same segment again by its place (byte 0); then 1.
    words = [0, 2, 7, 3, 2, 1, 0, 0, 0, 1, 1]
    found = dict.fromkeys(DESCRIPTORS, struct.pack("<3H", 5, 0, 16))
    found |= dict.fromkeys(SEGMENTED, np.array(words, "<u2").tobytes())
    assert darkest_entry(found, 8) == 4


@pytest.mark.parametrize("missing", [*DESCRIPTORS, *TABLES])
def test_a_palette_without_its_tables_is_refused_by_name(missing):
    found = palette([[1, 2, 3]])
    del found[missing]
    with pytest.raises(InstanceRefused) as refused:
        darkest_entry(found, 8)
    assert refused.value.code == "palette-missing"


@given(st.dictionaries(st.sampled_from(sorted(PALETTE_TAGS)), st.binary(max_size=40)), st.integers(1, 32))
def test_any_bytes_give_an_entry_or_a_refusal(found, stored):
    try:
        assert 0 <= darkest_entry(found, stored) < 1 << stored
    except InstanceRefused as refused:
        code = refused.code
        assert code in {"palette-missing", "palette-damaged"}

"""The dictionary is that of PS3.6, light to import, and known to pydicom after registration."""

import io
import subprocess
import sys

import pydicom
import pytest
from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import dictionary_VR

from workbench.standard import dictionary
from workbench.standard.build.dictionary import LATER
from workbench.standard.table import ROWS


def test_agrees_with_pydicom_on_every_attribute():
    for tag, (vr, _, name, _, keyword) in DicomDictionary.items():
        if vr != "NONE":
            assert dictionary.vr_of(tag) == vr
        assert dictionary.keyword_of(tag) == keyword
        assert dictionary.name_of(tag) == name or not name
        if keyword:
            assert dictionary.tag_of(keyword) == tag


@pytest.mark.parametrize("element", sorted(dictionary._OVERLAY_VR))
def test_repeating_overlay_groups_have_the_vr_of_pydicom(element):
    for group in (0x6000, 0x601E, 0x60FE):
        tag = group << 16 | element
        assert dictionary.vr_of(tag) == dictionary_VR(tag)


@pytest.mark.parametrize("element", sorted(dictionary._CURVE_VR))
def test_repeating_curve_groups_have_the_vr_of_pydicom(element):
    assert dictionary.vr_of(0x50020000 | element) == dictionary_VR(0x50020000 | element)


def test_what_is_unknown_is_none():
    assert dictionary.vr_of(0x00189999) is None
    assert dictionary.vr_of(0x00091001) is None
    assert dictionary.vr_of(0x60010010) is None
    assert dictionary.vr_of(0x00180000) == "UL"
    assert dictionary.keyword_of(0x00189999) == ""
    assert dictionary.name_of(0x00189999) == "Unknown Attribute"
    assert dictionary.name_of(0x00091001) == "Private Attribute"
    assert dictionary.tag_of("NoSuchKeyword") is None


def test_pydicom_reads_the_later_attributes_after_registration():
    later = sorted(LATER)
    assert len(later) == 26
    assert set(later) <= set(ROWS)
    dictionary.register_with_pydicom()
    dictionary.register_with_pydicom()
    # (0010,0012) Name to Use in implicit VR, where only the dictionary says what it is
    raw = bytes.fromhex("1000120004000000") + b"Some"
    dataset = pydicom.dcmread(io.BytesIO(raw), force=True)
    assert dataset["NameToUse"].VR == "LT"
    for tag in later:
        assert dictionary_VR(tag) == dictionary.vr_of(tag)


def test_what_a_run_imports_is_light():
    """The engine pays for these imports once per process: nothing heavy may slip in."""
    script = (
        "import sys, time; start = time.process_time()\n"
        "from workbench import profiles; from workbench.text import known_terms\n"
        "plan = profiles.compile_plan(profiles.load('basic')); known_terms.known('CT HEAD')\n"
        "plan.for_sop_class('1.2.840.10008.5.1.4.1.1.2').rule((0x00080060,), 'CS')\n"
        "heavy = {'pydicom', 'jsonschema', 'numpy', 'highdicom', 'sqlalchemy', 'json', 'gzip', 'typer', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)), time.process_time() - start)"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    heavy, seconds = answer.rsplit(maxsplit=1)
    assert heavy == "[]"
    assert float(seconds) < 0.5  # 0.06 with compiled modules on a quiet machine; this catches the tenfold

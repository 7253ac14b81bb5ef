"""The committed data files are what their sources say today."""

import gzip
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from workbench import standard
from workbench.standard.build import iod, sop_classes, uids

DATA = Path(standard.__file__).parent / "data"
made_with = f"pydicom {version('pydicom')} "


def _pydicom_of(text):
    return made_with in text.splitlines()[0].replace(",", " ")


def test_dictionary_files_are_fresh():
    # in an interpreter of its own: other tests register the later attributes with pydicom
    script = "import json; from workbench.standard.build import dictionary; print(json.dumps(dictionary.render()))"
    rendered = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    for name, text in json.loads(rendered).items():
        committed = (DATA / name).read_text(encoding="utf-8")
        if name != "later.txt" and not _pydicom_of(committed):
            pytest.skip("the files were made with another version of pydicom")
        assert committed == text


def test_sop_classes_are_fresh():
    committed = (DATA / "sop_classes.txt").read_text(encoding="utf-8")
    if not _pydicom_of(committed):
        pytest.skip("the file was made with another version of pydicom")
    assert committed == sop_classes.render()


def test_uids_are_fresh():
    committed = (DATA / "uids.txt").read_text(encoding="utf-8")
    if not _pydicom_of(committed):
        pytest.skip("the file was made with another version of pydicom")
    assert committed == uids.render()


def test_iods_are_fresh():
    committed = gzip.decompress((DATA / "iod.txt.gz").read_bytes()).decode()
    if f"highdicom {version('highdicom')} " not in committed.splitlines()[0]:
        pytest.skip("the file was made with another version of highdicom")
    assert committed == iod.render()


def test_the_gzip_files_carry_no_time_of_their_making():
    for path in DATA.glob("*.gz"):
        assert path.read_bytes()[4:8] == bytes(4)

"""One plan, one key, and files made of raw bytes."""

import io
import warnings
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

from workbench.deid.engine import Deidentified, Engine
from workbench.deid.pseudonyms import Pseudonyms
from workbench.dicom.instance import walk_instance
from workbench.dicom.parts import write_parts
from workbench.profiles import compile_plan, load

KEY = b"k" * 32


def engine(scope: str = "test", key: bytes = KEY) -> Engine:
    return Engine(compile_plan(load("basic")), Pseudonyms(key, scope=scope))


def deidentify(data: bytes, folder: Path, by: Engine | None = None, person: bytes = b"") -> tuple[bytes, Deidentified]:
    """Return the output's bytes and the outcome."""
    source, target = folder / "source", folder / "target"
    source.write_bytes(data)
    target.unlink(missing_ok=True)

    def read(at: int, count: int) -> bytes:
        return data[at : at + count]

    made = (by or engine()).deidentify(walk_instance(read, len(data)), read, person=person)
    with source.open("rb") as stream:
        write_parts(stream.fileno(), made.parts, target)
    return target.read_bytes(), made


def dataset(data: bytes) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pydicom.dcmread(io.BytesIO(data))
        found.walk(lambda _dataset, _element: None)
    return found

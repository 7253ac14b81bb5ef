"""Outputs with blackened regions and the evidence of it, for the sceptic to look at: honest ones, and liars."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from tests.pixels.images import redacted
from tests.verify import making
from workbench.pixels.layout import Area
from workbench.pixels.workers import FrameWorker
from workbench.verify import Examination, Sceptic, harvest, merge, merge_uids
from workbench.verify.evidence import digest_of
from workbench.verify.reading import Reader
from workbench.verify.sceptic import claims_of
from workbench.verify.source import FileBytes

Change = Callable[[Dataset], None]


def box(area: Area) -> list[int]:
    return [area.left, area.top, area.right - area.left, area.bottom - area.top]


def region(
    asked: Area, black: Area | None = None, touched: Area | None = None, *, frames: Any = None, **more: Any
) -> dict[str, Any]:
    entry = {
        "asked": box(asked),
        "black": box(black or asked),
        "decision": "redact",
        "explanation": "text that is not known to be harmless",
        "frames": frames or [[1, 1]],
        "score": 0.9,
        "source": "text",
        "touched": box(touched or black or asked),
    }
    return entry | more


def kept(asked: Area, **more: Any) -> dict[str, Any]:
    entry = region(asked, decision="keep", explanation="a mark of the side") | more
    return {key: value for key, value in entry.items() if key not in ("black", "touched")}


def content(*regions: dict[str, Any], frames: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "code": "113101",
        "detector": "careful 0123",
        "format": "deid-workbench evidence 1",
        "frames": frames,
        "kept": [],
        "overlays": [],
        "regions": list(regions),
        "rounds": int(bool(regions or more.get("overlays"))),
    } | more


def document(*regions: dict[str, Any], **more: Any) -> bytes:
    return json.dumps(content(*regions, **more), sort_keys=True, separators=(",", ":")).encode()


def claimed(dataset: Dataset, evidence: bytes) -> Dataset:
    """Have a data set claim that its pixels were cleaned, and name the document."""
    dataset.DeidentificationMethodCodeSequence.append(making.code("113101", "DCM", "Clean Pixel Data Option"))
    dataset.DeidentificationMethod = ["TESTS", f"113101 sha256 {digest_of(evidence)}"]
    dataset.BurnedInAnnotation = "NO"
    return dataset


def examine(source: Path, output: Path, evidence: bytes | None) -> Examination:
    found = harvest(source, 0)
    with FileBytes(output) as file:
        claims = claims_of(Reader().read(file))
    sceptic = Sceptic(merge([found]), merge_uids([found]), claims=claims)
    return sceptic.examine(source, output, 0, evidence={"113101": evidence} if evidence is not None else None)


def blackened(folder: Path, areas: dict[int, list[Area]], worker: FrameWorker) -> tuple[Dataset, list[dict[str, Any]]]:
    """Return `in.dcm` as the product redacts it, not yet de-identified, and what became of each area."""
    done = redacted(folder / "in.dcm", folder / "redacted.dcm", worker, areas)
    made = dcmread(folder / "redacted.dcm")
    if "PixelData" in made and "ExtendedOffsetTable" in made:
        made.ExtendedOffsetTable = done.elements[0x7FE00001]
        made.ExtendedOffsetTableLengths = done.elements[0x7FE00002]
    told = [
        region(asked, each.black, each.touched, frames=[[number + 1, number + 1]])
        for number, blanked in sorted(done.frames.items())
        for asked, each in zip(sorted(areas[number]), blanked, strict=True)
    ]
    return made, told


def grey(
    values: Any, photometric: str = "MONOCHROME2", *, stored: int = 12, high: int | None = None, signed: bool = False
) -> Dataset:
    """An image of 16 bits allocated; `values` are frames x rows x columns, or rows x columns."""
    array = np.asarray(values)
    dataset = making.image(PhotometricInterpretation=photometric)
    dataset.Rows, dataset.Columns = array.shape[-2:]
    dataset.BitsStored, dataset.HighBit = stored, stored - 1 if high is None else high
    dataset.PixelRepresentation = int(signed)
    if array.ndim == 3:
        dataset.NumberOfFrames = len(array)
    dataset.PixelData = array.astype("<i2" if signed else "<u2").tobytes()
    return dataset


def noise(*shape: int, low: int = 1, high: int = 4000) -> Any:
    return np.random.default_rng(5).integers(low, high, shape)


def messages(findings: list[tuple[str, str, str]]) -> list[str]:
    """Return what `redaction` says, when nothing else speaks but of bits that no frame has."""
    assert all(check in ("redaction", "unused-bits") for check, _where, _message in findings)
    return [message for check, _where, message in findings if check == "redaction"]


class Case:
    """An input in a folder, and what the sceptic says of outputs of it."""

    def __init__(self, folder: Path, source: Dataset, syntax: str = ExplicitVRLittleEndian) -> None:
        self.folder, self.syntax = folder, syntax
        self.source = making.save(source, folder / "in.dcm", syntax)

    def original(self) -> Dataset:
        return dcmread(self.source)

    def findings(
        self, output: Dataset, evidence: bytes | None, *, change: Change | None = None, syntax: str = ""
    ) -> list[tuple[str, str, str]]:
        """Check, place and message of what is found of an output, de-identified here and claimed to be clean."""
        made = claimed(making.deidentify(output), evidence or b"another")
        if change is not None:
            change(made)
        path = making.save(made, self.folder / "out.dcm", syntax or self.syntax)
        said = examine(self.source, path, evidence).findings
        return [(each.check, each.where, each.message) for each in said]

    def painted(self, *areas: Area, value: int = 0, frames: Sequence[int] | None = None) -> Dataset:
        """The input with areas of frames, counted from 0, painted in one stored value: native, one sample."""
        made = self.original()
        shape = (int(made.get("NumberOfFrames") or 1), made.Rows, made.Columns)
        array = np.frombuffer(made.PixelData, f"<u{made.BitsAllocated // 8}").copy()
        pixels = array[: int(np.prod(shape))].reshape(shape)
        for number in range(shape[0]) if frames is None else frames:
            for left, top, right, bottom in areas:
                pixels[number, top:bottom, left:right] = value
        made.PixelData = array.tobytes()
        return made

"""Image instances in files, written by pydicom: what is under test must not help to build its own input."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.uid import ExplicitVRLittleEndian

from workbench.dicom.source import open_source
from workbench.pixels.decoding import StoredFrames
from workbench.pixels.layout import Area, Layout
from workbench.pixels.recoding import Recoded, recode
from workbench.pixels.workers import FrameWorker

US = "1.2.840.10008.5.1.4.1.1.6.1"


def layout(rows: int, columns: int, photometric: str = "MONOCHROME2", **more: Any) -> Layout:
    stored = more.get("stored", 8)
    described: dict[str, Any] = {
        "frames": 1,
        "samples": 1 if photometric.startswith(("MONO", "PAL")) else 3,
        "allocated": 1 if stored == 1 else -(-stored // 8) * 8,
        "stored": stored,
        "high": stored - 1,
        "signed": False,
        "planar": 0,
    }
    return Layout(rows=rows, columns=columns, photometric=photometric, **(described | more))


def described(of: Layout, syntax: str = ExplicitVRLittleEndian, **attributes: Any) -> Dataset:
    """A data set that describes the layout and has no pixels yet."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax  # type: ignore[assignment] # pydicom converts text
    meta.MediaStorageSOPClassUID = US  # type: ignore[assignment] # as above
    meta.MediaStorageSOPInstanceUID = "2.25.1"  # type: ignore[assignment] # as above
    data_set = Dataset()
    data_set.file_meta = meta
    data_set.SOPClassUID = US
    data_set.SOPInstanceUID = "2.25.1"
    data_set.Rows, data_set.Columns = of.rows, of.columns
    data_set.SamplesPerPixel = of.samples
    data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit = of.allocated, of.stored, of.high
    data_set.PixelRepresentation = int(of.signed)
    data_set.PhotometricInterpretation = of.photometric
    if of.samples > 1:
        data_set.PlanarConfiguration = of.planar
    if of.frames > 1:
        data_set.NumberOfFrames = of.frames
    for name, value in attributes.items():
        setattr(data_set, name, value)
    return data_set


def with_frames(data_set: Dataset, frames: Sequence[bytes], *, table: bool = True, extended: bool = False) -> Dataset:
    """Give a data set encapsulated frames."""
    if extended:
        value, offsets, lengths = encapsulate_extended(list(frames))
        data_set.ExtendedOffsetTable, data_set.ExtendedOffsetTableLengths = offsets, lengths
        data_set.PixelData = value
    else:
        data_set.PixelData = encapsulate(list(frames), has_bot=table)
    data_set["PixelData"].is_undefined_length = True
    data_set["PixelData"].VR = "OB"
    return data_set


def save(data_set: Dataset, path: Path) -> Path:
    if "PixelData" in data_set and data_set["PixelData"].VR not in ("OB", "OW"):
        data_set["PixelData"].VR = "OW"
    data_set.save_as(path, enforce_file_format=True)
    return path


@contextmanager
def opened(path: Path, worker: FrameWorker) -> Iterator[StoredFrames]:
    with open_source(path) as source:
        yield StoredFrames(source.walk(), source.read, worker)


def redacted(path: Path, target: Path, worker: FrameWorker, areas: dict[int, list[Area]] | list[Area]) -> Recoded:
    """Write a file with areas black, everything else as it was; `areas` for all frames, or by frame."""

    def areas_of(number: int) -> list[Area]:
        return areas.get(number, []) if isinstance(areas, dict) else areas

    with open_source(path) as source, target.open("w+b") as sink:
        frames = StoredFrames(source.walk(), source.read, worker)
        start, length = frames.payload
        sink.write(source.read(0, start))
        done = recode(frames, areas_of, sink, worker)
        sink.write(source.read(start + length, source.size - start - length))
    return done


def outside(shape: tuple[int, ...], areas: Sequence[Area]) -> NDArray[np.bool_]:
    """A mask of the pixels outside the areas."""
    mask = np.ones(shape[:2], bool)
    for left, top, right, bottom in areas:
        mask[max(0, top) : bottom, max(0, left) : right] = False
    return mask


def picture(rows: int, columns: int, samples: int = 1, *, bits: int = 8, seed: int = 1) -> NDArray[Any]:
    """A picture with smooth parts, edges and noise, that uses all values of `bits` bits."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns]
    top = (1 << bits) - 1
    planes = [
        (np.sin(x / 7 + n) * np.cos(y / (5 + n)) + 1) / 2 * top + rng.normal(0, top / 30, (rows, columns))
        for n in range(samples)
    ]
    stacked: NDArray[Any] = np.clip(np.stack(planes, -1), 0, top).astype(
        np.dtype(f"<u{1 if bits <= 8 else 2 if bits <= 16 else 4}")
    )
    return stacked if samples > 1 else stacked[..., 0].copy()

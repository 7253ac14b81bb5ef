"""Folder mode with the nets: the burned-in name is gone in every transfer syntax, and everything else is there."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import simplejpeg
from numpy.typing import NDArray
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from tests.pixels.drawing import tissue, write
from tests.pixels.images import described, layout, save, with_frames
from tests.pixels.test_codecs import htj2k, jpeg_2000, jpeg_lossless, jpeg_ls, rle
from workbench.flow.checking import verify_folder
from workbench.flow.folder import FolderJob, Progress, deidentify_folder
from workbench.flow.folder_report import FolderReport

JPEG = "1.2.840.10008.1.2.4."
ROWS, COLUMNS = 128, 240
NAME = "WEATHERSTONE"
OF = layout(ROWS, COLUMNS)

NATIVE = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)
ENCODERS: dict[str, Any] = {
    "1.2.840.10008.1.2.5": rle,
    f"{JPEG}50": lambda samples, _of: simplejpeg.encode_jpeg(samples[..., None], quality=95, colorspace="GRAY"),
    f"{JPEG}57": jpeg_lossless,
    f"{JPEG}70": lambda samples, of: jpeg_lossless(samples, of, 1),
    f"{JPEG}80": jpeg_ls,
    f"{JPEG}81": lambda samples, of: jpeg_ls(samples, of, 0, 2),
    f"{JPEG}90": jpeg_2000,
    f"{JPEG}91": lambda samples, of: jpeg_2000(samples, of, compression_ratios=[4]),
    f"{JPEG}201": htj2k,
    f"{JPEG}202": htj2k,
    f"{JPEG}203": lambda samples, of: htj2k(samples, of, reversible=False, level=0.01),
}


def picture(*, name: bool = True, seed: int = 5) -> NDArray[np.uint8]:
    """Anatomy with a side mark, and with the name of the patient."""
    samples = tissue(ROWS, COLUMNS, seed=seed, level=70, spread=15)
    write(samples, "R", (200, 80), 250, em=28)
    if name:
        write(samples, f"{NAME} ABIGAIL", (8, 10), 250, em=16)
    return samples.astype(np.uint8)


def object_of(number: int, syntax: str, frames: list[NDArray[np.uint8]], **attributes: Any) -> pydicom.Dataset:
    of = replace(OF, frames=len(frames))
    data_set = described(of, syntax, PatientName=f"{NAME}^ABIGAIL", PatientID="4711-22", BurnedInAnnotation="YES")
    data_set.SOPInstanceUID = f"2.25.{100 + number}"
    data_set.file_meta.MediaStorageSOPInstanceUID = data_set.SOPInstanceUID
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID = "2.25.2", f"2.25.{1000 + number}"
    data_set.Modality = "US"
    for name, value in attributes.items():
        setattr(data_set, name, value)
    if syntax in ENCODERS:
        coded = [bytes(ENCODERS[syntax](frame, OF)) for frame in frames]
        return with_frames(data_set, [frame + b"\0" * (len(frame) % 2) for frame in coded])
    data_set.PixelData = b"".join(frame.tobytes() for frame in frames)
    return data_set


def written(folder: Path, *objects: pydicom.Dataset) -> Path:
    folder.mkdir()
    for number, data_set in enumerate(objects):
        if data_set.file_meta.TransferSyntaxUID in NATIVE:
            data_set["PixelData"].VR = "OB"
            pydicom.dcmwrite(folder / f"{number:02d}.dcm", data_set, enforce_file_format=True)
        else:
            save(data_set, folder / f"{number:02d}.dcm")
    return folder


def run(source: Path, target: Path, **more: Any) -> FolderReport:
    key = target.parent / "key"
    key.write_bytes(b"k" * 40)
    given = {"report": target.parent / "r.json", "pixels": "clean", **more}
    return deidentify_folder(FolderJob((source,), target, key_file=key, **given))


def outputs(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.dcm"))
    }


def decoded(path: Path) -> NDArray[Any]:
    from workbench.dicom.source import open_source  # noqa: PLC0415 (for what pydicom has no permissive decoder)
    from workbench.pixels.decoding import StoredFrames  # noqa: PLC0415 (as above)
    from workbench.pixels.workers import FrameWorker  # noqa: PLC0415 (as above)

    with FrameWorker() as worker, open_source(path) as source:
        return StoredFrames(source.walk(), source.read, worker).values(0)


OFTEN = (ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, "1.2.840.10008.1.2.5", f"{JPEG}50", f"{JPEG}90")
SELDOM = tuple(syntax for syntax in (*NATIVE, *ENCODERS) if syntax not in OFTEN)


@dataclass(frozen=True)
class Made:
    """The same image in several transfer syntaxes, and what came out."""

    syntaxes: tuple[str, ...]
    folder: Path
    report: FolderReport


@pytest.fixture(scope="module", params=[OFTEN, pytest.param(SELDOM, marks=pytest.mark.slow)], ids=["often", "seldom"])
def made(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Made:
    folder = tmp_path_factory.mktemp("syntaxes")
    syntaxes: tuple[str, ...] = request.param
    source = written(folder / "in", *(object_of(n, syntax, [picture()]) for n, syntax in enumerate(syntaxes)))
    before = {path.name: path.read_bytes() for path in source.iterdir()}
    report = run(source, folder / "out", jobs=2)
    assert {path.name: path.read_bytes() for path in source.iterdir()} == before
    return Made(syntaxes, folder, report)


def test_the_name_is_gone_and_all_else_is_there_in_every_syntax(made: Made) -> None:
    letters = np.abs(picture().astype(int) - picture(name=False)) > 40
    for number, syntax in enumerate(made.syntaxes):
        entry: Any = made.report.instances[number].document()
        assert entry["state"] == "written", (syntax, entry)
        path = made.folder / "out" / entry["file"]
        one, two = decoded(made.folder / "in" / f"{number:02d}.dcm"), decoded(path)
        black = np.zeros(one.shape, bool)
        for region in entry["regions"]:
            x, y, width, height = region["touched"]
            black[y : y + height, x : x + width] = True
            x, y, width, height = region["black"]
            assert np.ptp(two[y : y + height, x : x + width]) == 0, syntax
        assert black[letters].all(), syntax
        assert np.array_equal(one[~black], two[~black]), syntax
        assert not black[80:110, 195:230].any(), syntax
        output = pydicom.dcmread(path)
        assert output.BurnedInAnnotation == "NO"
        assert "113101" in [item.CodeValue for item in output.DeidentificationMethodCodeSequence]
        assert entry["pixel_evidence"] in made.report.evidence


def test_the_report_proves_the_outputs_to_who_was_not_there(made: Made) -> None:
    source, folder = made.folder / "in", made.folder
    text = (folder / "r.json").read_text()
    assert NAME not in text.upper()
    assert json.loads(text)["pixels"] == "checked and cleaned"
    checked = verify_folder(folder / "out", source, evidence=folder / "r.json")
    assert [each["findings"] for each in checked.document["instances"]] == [[]] * len(checked.document["instances"])


@pytest.mark.parametrize("slices", [2, pytest.param(16, marks=pytest.mark.slow)])
def test_the_bytes_are_the_same_on_one_worker_and_on_two(tmp_path: Path, slices: int) -> None:
    """Slices of a series, which are looked at together when they are many, a loop, and an image without a name."""
    series = [
        object_of(
            number,
            ExplicitVRLittleEndian,
            [picture(name=number == 1, seed=number)],
            SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
            SeriesInstanceUID="2.25.77",
            InstanceNumber=number,
            BurnedInAnnotation="NO",
        )
        for number in range(slices)
    ]
    loop = object_of(40, f"{JPEG}50", [picture(seed=seed) for seed in (1, 2)])
    source = written(tmp_path / "in", *series, loop)
    told: list[Progress] = []
    key = tmp_path / "key"
    key.write_bytes(b"k" * 40)
    one = deidentify_folder(
        FolderJob((source,), tmp_path / "one", pixels="clean", key_file=key, report=tmp_path / "1.json"), told.append
    )
    two = run(source, tmp_path / "two", jobs=2, report=tmp_path / "2.json")
    assert one.exit_code == two.exit_code == 0
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two")
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()
    states = [instance.document()["pixels"] for instance in one.instances]
    assert states[0] == "checked, nothing found"
    assert states[1] == states[-1] == "1 region blackened"
    looked = [progress for progress in told if progress.stage == "looking"]
    assert (looked[-1].done, looked[-1].total, looked[-1].frames) == (slices + 1, slices + 1, slices + 2)


def test_flag_holds_back_what_shows_text_and_a_damaged_frame_is_held_in_every_mode(tmp_path: Path) -> None:
    broken = object_of(2, f"{JPEG}90", [picture(name=False)])
    broken.Rows = ROWS + 1
    source = written(
        tmp_path / "in",
        object_of(0, ExplicitVRLittleEndian, [picture()]),
        object_of(1, ExplicitVRLittleEndian, [picture(name=False)]),
        broken,
    )
    flagged = run(source, tmp_path / "flagged", pixels="flag")
    assert flagged.exit_code == 1
    entries = [instance.document() for instance in flagged.instances]
    assert [entry["state"] for entry in entries] == ["held back", "written", "held back"]
    checks = [[issue["check"] for issue in entry.get("privacy_issues", [])] for entry in entries]  # type: ignore[attr-defined]  # of a document
    assert "pixels-flagged" in checks[0]
    assert "pixels-not-checked" in checks[2]
    assert [entry["pixels"] for entry in entries] == [
        "checked, 1 region found",
        "checked, nothing found",
        "not all checked",
    ]
    (output,) = (tmp_path / "flagged").rglob("*.dcm")
    assert "113101" not in str(pydicom.dcmread(output).DeidentificationMethodCodeSequence)
    cleaned = run(source, tmp_path / "cleaned")
    assert [instance.document()["state"] for instance in cleaned.instances] == ["written", "written", "held back"]


def test_off_loads_nothing_that_looks_at_pixels(tmp_path: Path) -> None:
    """In the worker too, which is why it does its tasks in this one process."""
    source = written(tmp_path / "in", object_of(0, ExplicitVRLittleEndian, [picture()]))
    script = f"""
import sys
from dataclasses import replace
from pathlib import Path
from workbench.flow import folder
from workbench.flow.folder_work import PrepareTask, Setting, prepare_worker
from workbench.profiles import compile_plan, load
plan = replace(compile_plan(load("basic")), pixels="off")
work = prepare_worker(Setting(plan, bytes(32), False, False))
file = (0, Path({str(source / "00.dcm")!r}), Path({str(tmp_path / "o.dcm")!r}))
(done,) = work(PrepareTask(0, (file,), scan=True)).outcomes
assert done.redaction is None and done.size, done
print([name for name in ("numpy", "onnxruntime", "scipy", "imagecodecs", "workbench.pixels") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

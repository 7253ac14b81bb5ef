"""Memory does not grow with the instances, and packing keeps up with copying."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pydicom
import pytest

from tests.release.house import House, pick

SCRIPT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.peak import peak_kib
from tests.release.house import House, pick
folder = Path(sys.argv[1])
large = sys.argv[3] == "large"
path = pick("rt-dose", folder / "1.dcm")
if large:
    from tests.release.test_scale import grow
    grow(path, 200 << 20)
house = House(folder)
house.add("WB-000001", [path])
house.build()
house.open()
print(peak_kib())
"""


def grow(path: Path, size: int) -> None:
    """Append sparse Pixel Data of that size to an instance without any."""
    dataset = pydicom.dcmread(path)
    del dataset.PixelData
    dataset.save_as(path)
    with path.open("ab") as file:
        file.write(b"\xe0\x7f\x10\x00" + size.to_bytes(4, "little"))
        file.truncate(file.tell() + size)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_size_of_an_instance(tmp_path: Path, root: Path) -> None:
    peaks = {}
    for size in ("small", "large"):
        folder = tmp_path / size
        folder.mkdir()
        command = [sys.executable, "-c", SCRIPT, str(folder), str(root), size]
        done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
        peaks[size] = int(done.stdout) / 1024
    assert peaks["large"] - peaks["small"] < 24, peaks


@pytest.mark.slow
def test_a_release_of_thousands_of_instances(tmp_path: Path) -> None:
    made = House(tmp_path)
    paths = [pick("rt-dose", tmp_path / f"{number}.dcm", InstanceNumber=number) for number in range(1, 2001)]
    made.add("WB-000001", paths)
    made.build()
    opened = made.open()
    last = pydicom.dcmread(opened.folder / "DICOM/S00001/E00001/I0002000")
    assert last.InstanceNumber == 2000
    assert opened.manifest.counts.instances == 2000


@pytest.mark.bench
def test_throughput_as_ratio_to_cp(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Print wall time of packing and opening 256 MB against `cp` and `sync` of the same."""
    paths = [pick("rt-dose", tmp_path / f"{number}.dcm") for number in range(8)]
    for path in paths:
        dataset = pydicom.dcmread(path)
        dataset.PixelData = os.urandom(32 << 20)
        dataset.save_as(path)
    made = House(tmp_path)
    made.add("WB-000001", paths)
    times: dict[str, list[float]] = {"cp": [], "build": [], "open": []}
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run(["cp", *paths, made.place], check=True)
        subprocess.run(["sync", "-f", made.place], check=True)
        times["cp"].append(time.perf_counter() - started)
        started = time.perf_counter()
        made.build()
        times["build"].append(time.perf_counter() - started)
        started = time.perf_counter()
        made.open()
        times["open"].append(time.perf_counter() - started)
        shutil.rmtree(made.place)
        made.place.mkdir()
    best = {name: min(values) for name, values in times.items()}
    with capsys.disabled():
        for name, seconds in best.items():
            line = f"{name:6} {seconds:6.2f} s  {256 / seconds:6.0f} MB/s  {seconds / best['cp']:5.1f} x cp"
            print(line)  # noqa: T201 - a bench exists to be read
    assert hashlib.sha256(paths[0].read_bytes()).hexdigest() == made.instances[0].sha256
    assert best["build"] < 5

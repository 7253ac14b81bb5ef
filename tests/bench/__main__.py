"""Figures of folder mode against other programs on the same files: `make bench`.

CPU seconds (user and system, children and start-up included) count, from alternating runs; wall time swings on shared
machines and is only told. Needs the folder with larger test data (`WORKBENCH_SHARED`, or `../shared` of the tree).
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

ROOT = Path(__file__).resolve().parents[2]
WORKBENCH = Path(sys.executable).parent / "workbench"
ITEM = b"\xfe\xff\x00\xe0"


@dataclass(frozen=True)
class Run:
    """One run of a program: CPU seconds, wall seconds, peak memory of its tree in MiB."""

    cpu: float
    wall: float
    peak: float


def measure(command: list[str], *, memory: bool = False) -> Run:
    """Run a command and account for it and all its children."""
    before, started = os.times(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = [0.0]
    if memory:
        watcher = threading.Thread(target=_watch, args=(process.pid, peak))
        watcher.start()
    process.wait()
    wall = time.perf_counter() - started
    if memory:
        watcher.join()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(cpu, wall, peak[0])


def _watch(pid: int, peak: list[float]) -> None:
    try:
        root = psutil.Process(pid)
        while root.is_running() and root.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for process in (root, *root.children(recursive=True)):
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total / (1 << 20))
            time.sleep(0.02)
    except psutil.Error:
        return


def main() -> int:
    """Print the table and say whether the bars hold."""
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--work", type=Path, default=ROOT / ".bench")
    given = options.parse_args()
    shared = Path(os.environ.get("WORKBENCH_SHARED") or ROOT.parent / "shared") / "bench"
    if not (shared / "gen_corpus.py").is_file():
        print("No folder with larger test data: set WORKBENCH_SHARED.")
        return 2
    corpus = given.work / "corpus"
    if not (corpus / "needles.json").is_file():
        print("making the corpus (once)")
        subprocess.run([sys.executable, "-W", "ignore", str(shared / "gen_corpus.py"), str(corpus)], check=True)
    files = [path for path in (corpus / "dicom").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files, {size / 1e6:.1f} MB, {given.rounds} alternating rounds, {os.cpu_count()} cores")
    held = speed(corpus / "dicom", shared, given.work, given.rounds)
    held &= same_bytes(corpus / "dicom", given.work)
    held &= memory_of_one_large_file(given.work)
    return 0 if held else 1


def speed(source: Path, shared: Path, work: Path, rounds: int) -> bool:
    """CPU against pydicom reading, decoding and writing the same files; wall against `cp -r`."""
    out = work / "out"
    deidentify = [str(WORKBENCH), "deidentify", str(source), str(out), "--profile", "basic", "--pixels", "off"]
    driver = [sys.executable, "-W", "ignore", str(shared / "peer_driver.py")]
    commands = {
        "pydicom, decode and write": [*driver, "pydicom_deep", str(source), str(out)],
        "cp -r": ["cp", "-r", str(source), str(out)],
        "workbench --no-verify": [*deidentify, "--no-verify"],
        "workbench, verified": deidentify,
        "workbench, verified, --jobs 2": [*deidentify, "--jobs", "2"],
        "dicognito": [*driver, "dicognito", str(source), str(out)],
    }
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            shutil.rmtree(out, ignore_errors=True)
            runs[name].append(measure(command))
    shutil.rmtree(out, ignore_errors=True)
    base, copy = runs["pydicom, decode and write"], runs["cp -r"]
    best_copy = min(run.wall for run in copy)
    print(f"{'':32}{'CPU s':>8}{'x pydicom CPU':>15}{'best wall s':>13}{'x best cp':>11}")
    ratios = {}
    for name, measured in runs.items():
        ratios[name] = median(run.cpu / reference.cpu for run, reference in zip(measured, base, strict=True))
        cpu, wall = median(run.cpu for run in measured), min(run.wall for run in measured)
        print(f"{name:32}{cpu:8.2f}{ratios[name]:15.3f}{wall:13.2f}{wall / best_copy:11.1f}")
    bars = {"workbench --no-verify": 0.30, "workbench, verified": 1.2}
    for name, bar in bars.items():
        print(f"{name}: {ratios[name]:.3f} of pydicom's CPU, bar {bar}: {'holds' if ratios[name] <= bar else 'MISSED'}")
    return all(ratios[name] <= bar for name, bar in bars.items())


def same_bytes(source: Path, work: Path) -> bool:
    """The same key gives the same bytes on one worker and on two."""
    key = work / "key"
    key.write_bytes(b"benchmark key, not secret, 32 bytes and more")
    digests = []
    for jobs in ("1", "2"):
        out = work / f"out{jobs}"
        shutil.rmtree(out, ignore_errors=True)
        command = [
            str(WORKBENCH),
            "deidentify",
            str(source),
            str(out),
            "--pixels",
            "off",
            "--no-verify",
            "--key-file",
            str(key),
        ]
        subprocess.run([*command, "--jobs", jobs], check=True, capture_output=True)
        digest = hashlib.sha256()
        for path in sorted(path for path in out.rglob("*") if path.is_file()):
            digest.update(str(path.relative_to(out)).encode() + hashlib.sha256(path.read_bytes()).digest())
        digests.append(digest.hexdigest())
        shutil.rmtree(out)
    same = digests[0] == digests[1]
    print(f"--jobs 2 gives the same bytes: {'yes' if same else 'NO'}")
    return same


def memory_of_one_large_file(work: Path, size: int = 1 << 30) -> bool:
    """Peak memory (proportional set size of the tree) for encapsulated Pixel Data of 1 GB, verification included."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        source = Path(folder) / "in"
        source.mkdir()
        large_encapsulated(source / "large.dcm", size)
        run = measure(
            [str(WORKBENCH), "deidentify", str(source), str(Path(folder) / "out"), "--pixels", "off"], memory=True
        )
        written = list((Path(folder) / "out").rglob("*.dcm"))
    bare = measure([sys.executable, "-c", "import time; time.sleep(0.5)"], memory=True).peak
    above = run.peak - bare
    holds = above <= 128 and len(written) == 1
    print(f"1 GB encapsulated, verified: peak {run.peak:.0f} MiB, {above:.0f} above the interpreter, bar 128: "
          f"{'holds' if holds else 'MISSED'}")  # fmt: skip
    return holds


def large_encapsulated(path: Path, size: int) -> None:
    """Write an ultrasound cine whose encapsulated Pixel Data has `size` bytes in fragments of 1 MB."""
    from tests.dicom import raw  # noqa: PLC0415 (only this figure needs it)

    frame = b"\xff\xd8\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + os.urandom(1 << 20).replace(b"\xff", b"\xfe")
    frame = frame[: (1 << 20) - 2] + b"\xff\xd9"
    count = size >> 20
    header = raw.instance(
        raw.element(0x00280002, b"US", b"\1\0"),
        raw.element(0x00280004, b"CS", b"MONOCHROME2"),
        raw.element(0x00280008, b"IS", str(count).encode()),
        raw.element(0x00280010, b"US", b"\0\4"),
        raw.element(0x00280011, b"US", b"\0\4"),
        raw.element(0x00280100, b"US", b"\x08\0"),
        raw.element(0x00280101, b"US", b"\x08\0"),
        raw.element(0x00280102, b"US", b"\x07\0"),
        raw.element(0x00280103, b"US", b"\0\0"),
        sop_class=b"1.2.840.10008.5.1.4.1.1.3.1",
    )
    with path.open("wb") as stream:
        stream.write(raw.file(header, syntax=raw.JPEG))
        stream.write(raw.head(0x7FE00010, b"OB", raw.UNDEFINED) + raw.item(b""))
        for _ in range(count):
            stream.write(ITEM + len(frame).to_bytes(4, "little") + frame)
        stream.write(b"\xfe\xff\xdd\xe0\0\0\0\0")


if __name__ == "__main__":
    sys.exit(main())

"""Peak memory of a process, for tests that start one to measure it."""

from pathlib import Path


def peak_kib(pid: int | str = "self") -> int:
    """Return the most resident memory that a process had since its program was started, in KiB.

    `ru_maxrss` does not tell: Linux hands it on from the process that starts a program to the program, so that a large
    test run would count as what is measured.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])

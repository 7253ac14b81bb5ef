"""Refuse to commit what must never be in the tree: DICOM files outside tests' fixtures, private keys, large files.

Looks at the files named as arguments, or at all files that git tracks. DICOM is recognized by its prefix (PS3.10
section 7.1) as well as by usual extensions, because exports often have no extension at all.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

LIMIT = 2_000_000
EXTENSIONS = {".dcm", ".dicom", ".ima", ".dic", ".acr"}
# Not the example of Go's note package, which everybody knows and tests of the format need.
KEYS = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]"
    rb"|AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{50}"
    rb"|PRIVATE\+KEY\+(?!PeterNeumann\+c74f20a3\+)[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40}"
)


def is_fixture(path: PurePosixPath) -> bool:
    """Tell whether `path` is below a `fixtures` folder of the tests."""
    return path.parts[:1] == ("tests",) and "fixtures" in path.parts[1:-1]


def examine(name: str, content: bytes) -> Iterator[str]:
    """Yield the reasons to refuse a file of that name and content."""
    path = PurePosixPath(name)
    if not is_fixture(path):
        if content[128:132] == b"DICM":
            yield "is a DICOM file; only tests/**/fixtures may hold some, and none of a patient"
        elif path.suffix.lower() in EXTENSIONS or path.name == "DICOMDIR":
            yield "has the name of a DICOM file; only tests/**/fixtures may hold some, and none of a patient"
    if path.suffix == ".pyc" or "__pycache__" in path.parts:
        yield "is made by Python itself"
    if KEYS.search(content):
        yield "holds a private key"
    if len(content) > LIMIT:
        yield f"is larger than {LIMIT // 1_000_000} MB"


def main(names: list[str]) -> int:
    """Examine the files and say which are refused, and why."""
    if not names:
        listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True).stdout  # noqa: S607 - git of the PATH is meant
        names = [name.decode() for name in listed.split(b"\0") if name]
    refused = [
        f"{name}: {reason}\n"
        for name in names
        if Path(name).is_file()
        for reason in examine(Path(name).as_posix(), Path(name).read_bytes())
    ]
    sys.stderr.writelines(refused)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

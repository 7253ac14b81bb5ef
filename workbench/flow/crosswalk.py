"""The crosswalk of folder mode: what was replaced by what. Written only when asked, readable by its owner only."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from workbench.dicom.inputs import InputFile
from workbench.dicom.parts import not_written

LONGEST = 1024


class Crosswalk:
    """Collects old and new identifiers. It re-identifies everything that it names."""

    def __init__(self) -> None:
        self._pairs: set[tuple[bytes, bytes]] = set()

    def add(self, uids: dict[bytes, bytes], codes: dict[tuple[str, bytes], bytes]) -> None:
        """Take what a worker replaced: UIDs, and codes by kind and original key."""
        # Two patients may name the same UID, and drawn pseudonyms then give it two: neither may be lost.
        pairs = list(uids.items())
        for (kind, original), code in codes.items():
            if kind == "patient" and original.startswith(b"patient\0"):
                # Behind the ID may stand the name and birth date that tell two persons under one ID apart.
                pairs.append((original.split(b"\0", 2)[2].replace(b"\0", b" | "), code))
        # What is longer than any identifier may be is damage; readers of CSV refuse it.
        self._pairs.update(pair for pair in pairs if len(pair[0]) <= LONGEST)

    def write(self, path: Path, inputs: Sequence[InputFile]) -> None:
        """Write `old,new` rows and then `index,path` rows, mode 0600; an existing file is never overwritten."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="", errors="surrogateescape") as stream:
                rows = csv.writer(stream)
                rows.writerow(("old", "new"))
                rows.writerows((old.decode("latin-1"), new.decode()) for old, new in sorted(self._pairs))
                rows.writerow(("index", "path"))
                rows.writerows((file.index, file.label) for file in inputs)
        except OSError as error:
            raise not_written(error) from None

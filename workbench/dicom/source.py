"""An input file opened for the walker and the writer; syntaxes that the walker does not read are converted first.

A deflated or big endian data set is written anew in Explicit VR Little Endian into a file without a name, which is gone
with its descriptor, whatever happens. The walker, the engine and the writer then see an ordinary instance.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workbench.dicom.elements import refuse
from workbench.dicom.inflating import inflate
from workbench.dicom.instance import FIRST_READ, FileFormat, Instance, Read, file_format, reader, walk_data_set
from workbench.dicom.limits import DEFAULT_LIMITS, Limits
from workbench.dicom.parts import not_written
from workbench.dicom.swapping import swap
from workbench.dicom.syntax import DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is open for reading by position, as long as the block lasts that opened it.

    `descriptor` and `read` are those of the converted data set where there was something to convert; `form` is what
    stood before the data set in the file itself, `head` what `read` gives first. `behind` counts bytes of the file that
    belong to no data set.
    """

    descriptor: int
    read: Read
    size: int
    form: FileFormat
    head: bytes
    converted_from: str = ""
    behind: int = 0

    def walk(self, *, limits: Limits = DEFAULT_LIMITS, until: int | None = None) -> Instance:
        """Walk the data set, to its end or up to the first top-level element behind the tag `until`.

        Raises
        ------
        InstanceRefused
            For everything that is not a well-formed instance.
        """
        return walk_data_set(
            self.read,
            self.size,
            self.form,
            self.head,
            limits=limits,
            until=until,
            converted_from=self.converted_from,
            behind=self.behind,
        )


@contextmanager
def open_source(path: Path, *, scratch: Path | None = None, limits: Limits = DEFAULT_LIMITS) -> Iterator[Source]:
    """Open an input.

    Parameters
    ----------
    scratch
        Folder on whose file system a converted data set lies, without a name and readable by nobody else. Without one
        it stays in memory.

    Raises
    ------
    InstanceRefused
        `not-dicom`, what is wrong with the file meta information, and all that a conversion refuses
        (`inflate-damaged`, `inflate-too-large`, the codes of the walker).
    WorkbenchError
        `disk-full` or `output-not-written`, when there is no room for the converted data set.
    """
    with path.open("rb", buffering=0) as stream:
        read, size = reader(stream), os.fstat(stream.fileno()).st_size
        head = read(0, FIRST_READ)
        form = file_format(head)
        if form.syntax not in (DEFLATED, EXPLICIT_BIG):
            yield Source(stream.fileno(), read, size, form, head)
            return
        descriptor = _nameless(scratch)
        try:
            behind = _convert(read, size, form, descriptor, limits)
            yield _converted(descriptor, form, behind)
        finally:
            os.close(descriptor)


def read_instance(
    path: Path, *, scratch: Path | None = None, limits: Limits = DEFAULT_LIMITS, until: int | None = None
) -> Instance:
    """Walk the file at `path`. Its payloads can't be read any more afterwards.

    Raises
    ------
    InstanceRefused
        As `open_source` and `Source.walk` do.
    """
    with open_source(path, scratch=scratch, limits=limits) as source:
        return source.walk(limits=limits, until=until)


def _converted(descriptor: int, form: FileFormat, behind: int) -> Source:
    def read(offset: int, count: int) -> bytes:
        return os.pread(descriptor, count, offset)

    plain = form._replace(start=0, syntax=EXPLICIT_LITTLE)
    size = os.fstat(descriptor).st_size
    return Source(descriptor, read, size, plain, read(0, FIRST_READ), form.syntax, behind)


def _convert(read: Read, size: int, form: FileFormat, descriptor: int, limits: Limits) -> int:
    def write(piece: bytes) -> None:
        view = memoryview(piece)
        try:
            while view:
                view = view[os.write(descriptor, view) :]
        except OSError as error:
            raise not_written(error) from None

    if form.syntax == DEFLATED:
        return inflate(read, form.start, size, write, limit=limits.inflated)
    if read(form.start, 2) == b"\x08\x00":
        raise refuse(
            "transfer-syntax-wrong",
            "The data set is not encoded as its transfer syntax says.",
            "Have the source system repair the object.",
        )
    return swap(read, form.start, size, write, limits=limits)


def _nameless(scratch: Path | None) -> int:
    """Return the descriptor of a new file that no name leads to."""
    try:
        if scratch is None:
            return os.memfd_create("data set", os.MFD_CLOEXEC)
        try:
            return os.open(scratch, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:  # a file system without such files, such as a network share
            descriptor, name = tempfile.mkstemp(prefix=".", dir=scratch)
            Path(name).unlink()
            return descriptor
    except OSError as error:
        raise not_written(error) from None

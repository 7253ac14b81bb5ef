"""The head of a log at one size, as text that can be signed (C2SP `tlog-checkpoint`)."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from workbench.audit.merkle import HASH_BYTES
from workbench.audit.note import VerifierKey, open_note
from workbench.records.errors import IntegrityBroken


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log at one size. `extensions` are further lines, normally none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the note text, byte for byte what is signed."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode("ascii"), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a note text.

        Raises
        ------
        IntegrityBroken
            `checkpoint-malformed`.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines) or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
            raise _malformed()
        try:
            root = b64decode(lines[2], validate=True)
        except ValueError:
            raise _malformed() from None
        if len(root) != HASH_BYTES or b64encode(root).decode("ascii") != lines[2]:
            raise _malformed()
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:]))

    @classmethod
    def open(cls, note: str | bytes, key: VerifierKey) -> "Checkpoint":
        """Read a signed checkpoint of exactly this key's log.

        Raises
        ------
        IntegrityBroken
            `note-…` when the signature does not hold, `checkpoint-malformed`, `checkpoint-foreign` for another log's.
        """
        checkpoint = cls.parse(open_note(note, [key]))
        if checkpoint.origin != key.name:
            raise IntegrityBroken(
                "checkpoint-foreign", "The checkpoint is of another log.", "Check which log is meant."
            )
        return checkpoint


def _malformed() -> IntegrityBroken:
    return IntegrityBroken("checkpoint-malformed", "This is not a checkpoint of a log.", "Get it again.")

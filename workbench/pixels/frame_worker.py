"""The worker that decodes and encodes frames: a process of its own, with bounded memory, whose death harms nobody.

`python -m workbench.pixels.frame_worker MEMORY` reads requests from standard input and answers on standard output until
the input ends. A message is a JSON object and a blob, each behind its length (eight bytes, big endian).
"""

import json
import os
import resource
import sys
from typing import IO, Any, Final

from workbench.pixels import codecs
from workbench.pixels.frame_redaction import redact_frame
from workbench.pixels.layout import Area, Layout
from workbench.records.errors import WorkbenchError

EXIT_MEMORY: Final = 71
"""How a worker ends when a frame needs more memory than it may take (EX_OSERR)."""


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Return the next message, or None at the end."""
    parts = []
    for _part in range(2):
        length = stream.read(8)
        if len(length) < 8:
            return None
        part = stream.read(int.from_bytes(length, "big"))
        if len(part) < int.from_bytes(length, "big"):
            return None
        parts.append(part)
    return json.loads(parts[0]), parts[1]


def message(head: dict[str, Any], blob: bytes | memoryview) -> tuple[bytes, bytes | memoryview]:
    """Return one message in two parts, the second as large as the frame."""
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "big") + text + len(blob).to_bytes(8, "big"), blob


def answer(request: dict[str, Any], frame: bytes) -> tuple[dict[str, Any], bytes | memoryview]:
    """Do what a request asks.

    Raises
    ------
    WorkbenchError
        What decoding and redacting raise.
    """
    layout = Layout(**request["layout"])
    if request["do"] == "decode":
        decoded = codecs.decode(frame, request["syntax"], layout)
        samples = decoded.samples
        head = {"shape": samples.shape, "width": samples.dtype.itemsize, "precision": decoded.precision}
        return head, samples.tobytes()
    areas = [Area(*area) for area in request["areas"]]
    redacted = redact_frame(frame, request["syntax"], layout, areas)
    return {"blanked": redacted.blanked}, redacted.frame


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    while (request := read_message(source)) is not None:
        try:
            head, blob = answer(*request)
        except WorkbenchError as error:
            head, blob = {"refused": (type(error).__name__, error.code, error.message, error.hint)}, b""
        except MemoryError:
            os._exit(EXIT_MEMORY)
        for part in message(head, blob):
            sink.write(part)
        sink.flush()


def main() -> None:
    """Run as a worker."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Libraries in C may print; what they print must not get between the answers, nor to a terminal.
    answers = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    with os.fdopen(0, "rb") as source, os.fdopen(answers, "wb") as sink:
        serve(source, sink)


if __name__ == "__main__":
    main()

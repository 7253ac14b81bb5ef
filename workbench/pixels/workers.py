"""The caller's side of the worker that decodes and encodes frames."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from types import TracebackType
from typing import Any, Final, NoReturn, Self

import numpy as np

from workbench.pixels.frame_redaction import RedactedFrame
from workbench.pixels.frame_worker import EXIT_MEMORY, message
from workbench.pixels.jpeg_markers import damaged
from workbench.pixels.layout import Area, Blanked, Frame, Layout
from workbench.pixels.libjpeg import EXIT_DAMAGED
from workbench.records import errors
from workbench.records.errors import InstanceRefused, WorkbenchError

MEMORY: Final = 3 << 30
"""Bytes of address space of a worker; far above what it uses for the largest frame that a layout allows."""
SECONDS: Final = 120.0
"""How long one frame may take."""
COMMAND: Final = (sys.executable, "-m", "workbench.pixels.frame_worker")
_CHUNK: Final = 1 << 20
_FAREWELL: Final = 5.0
"""Seconds in which a worker that closed its output has to be gone."""
_QUIET: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


class FrameWorker:
    """Decodes and redacts frames in a process of its own, started when first needed and again after it died.

    Not for use by several threads at once.
    """

    def __init__(self, *, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self._memory = memory
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def decode(self, frame: bytes, syntax: str, layout: Layout) -> Frame:
        """Return the bit patterns of a frame, as `codecs.decode` gives them.

        Raises
        ------
        InstanceRefused
            What `codecs.decode` raises; `decoder-crashed`, `decoder-timeout`, `frame-too-large` when the worker did not
            survive it.
        """
        head, blob = self._ask({"do": "decode", "syntax": syntax, "layout": asdict(layout)}, frame)
        return np.frombuffer(blob, f"<u{head['width']}").reshape(head["shape"])

    def redact(self, frame: bytes, syntax: str, layout: Layout, areas: Sequence[Area]) -> RedactedFrame:
        """Return a frame with the areas black, as `redact_frame` does.

        Raises
        ------
        InstanceRefused
            What `redact_frame` raises; `decoder-crashed`, `decoder-timeout`, `frame-too-large` when the worker did not
            survive it.
        """
        request = {"do": "redact", "syntax": syntax, "layout": asdict(layout), "areas": list(areas)}
        head, blob = self._ask(request, frame)
        blanked = tuple(Blanked(Area(*one), Area(*two)) for one, two in head["blanked"])
        return RedactedFrame(bytes(blob), blanked)

    def close(self) -> None:
        """End the worker."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(OSError):  # what was not sent any more
                        stream.close()

    def _ask(self, request: dict[str, Any], frame: bytes) -> tuple[dict[str, Any], bytearray]:
        process = self._running()
        deadline = time.monotonic() + self._seconds
        if process.stdin is None or process.stdout is None:
            raise _crashed()
        descriptor = process.stdout.fileno()
        try:
            self._send(process.stdin.fileno(), message(request, frame), deadline)
            head = self._part(descriptor, deadline)
            blob = self._part(descriptor, deadline)
            answer: dict[str, Any] = json.loads(head)
            refusal = answer.get("refused")
        except BrokenPipeError:
            self._died()
        except (ValueError, AttributeError):  # an answer that is none
            self.close()
            raise _crashed() from None
        except BaseException:
            self.close()
            raise
        if refusal is not None:
            kind, code, told, hint = refusal
            found = getattr(errors, kind, WorkbenchError)
            raise found(code, told, hint)
        return answer, blob

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603 (our own module, by the running interpreter)
                [*COMMAND, str(self._memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_QUIET},
            )
        return self._process

    def _send(self, descriptor: int, parts: Sequence[bytes | memoryview], deadline: float) -> None:
        os.set_blocking(descriptor, False)  # a worker that does not read must not hold up who writes
        for part in parts:
            view = memoryview(part)
            while view:
                self._await(descriptor, selectors.EVENT_WRITE, deadline)
                view = view[os.write(descriptor, view[:_CHUNK]) :]

    def _part(self, descriptor: int, deadline: float) -> bytearray:
        length = int.from_bytes(self._exactly(descriptor, 8, deadline), "big")
        if length > self._memory:
            raise _crashed()
        return self._exactly(descriptor, length, deadline)

    def _exactly(self, descriptor: int, count: int, deadline: float) -> bytearray:
        data = bytearray(count)
        view = memoryview(data)
        done = 0
        while done < count:
            self._await(descriptor, selectors.EVENT_READ, deadline)
            read = os.readv(descriptor, [view[done : done + _CHUNK]])
            if not read:
                self._died()
            done += read
        return data

    @staticmethod
    def _await(descriptor: int, event: int, deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, event)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise InstanceRefused(
                    "decoder-timeout",
                    "A frame takes longer to decode than is allowed.",
                    "Have the source system send the object uncompressed.",
                )

    def _died(self) -> NoReturn:
        """Tell why the worker ended."""
        code = 0
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                code = self._process.wait(_FAREWELL)
        self.close()
        if code == EXIT_DAMAGED:
            raise damaged()
        if code == EXIT_MEMORY:
            raise InstanceRefused(
                "frame-too-large",
                "A frame needs more memory than a decoder may take.",
                "Have the source system send the object uncompressed.",
            )
        raise _crashed()


def _crashed() -> InstanceRefused:
    return InstanceRefused(
        "decoder-crashed",
        "The decoder did not survive a frame.",
        "Keep the object out, and have the source system send it again or uncompressed.",
    )

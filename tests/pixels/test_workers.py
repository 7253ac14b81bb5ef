import contextlib
import subprocess
import sys

import numpy as np
import psutil
import pytest
from rle.rle import encode_frame

from tests.pixels.images import layout, picture
from workbench.pixels.layout import Area
from workbench.pixels.workers import FrameWorker
from workbench.records.errors import InstanceRefused

RLE = "1.2.840.10008.1.2.5"
NATIVE_FRAMES = "1.2.840.10008.1.2.1.98"
OF = layout(40, 50)


def frame():
    return encode_frame(picture(40, 50).tobytes(), 40, 50, 1, 8, "<")


def refusal(worker):
    with pytest.raises(InstanceRefused) as refused:
        worker.decode(frame(), RLE, OF)
    return refused.value.code


def works(worker):
    return np.array_equal(worker.decode(frame(), RLE, OF), picture(40, 50))


def test_a_worker_that_crashes_is_a_refusal_and_another_one_starts(monkeypatch):
    with FrameWorker() as worker:
        assert works(worker)
        with monkeypatch.context() as patched:
            # What a decoder with a wild pointer does.
            code = "import sys, os, signal; sys.stdin.buffer.read(9); os.kill(os.getpid(), signal.SIGSEGV)"
            patched.setattr("workbench.pixels.workers.COMMAND", (sys.executable, "-c", code))
            worker.close()
            assert refusal(worker) == "decoder-crashed"
        assert works(worker)


def test_a_frame_that_takes_too_long_is_a_refusal_and_its_worker_ends(monkeypatch):
    with FrameWorker(seconds=0.5) as worker:
        with monkeypatch.context() as patched:
            patched.setattr("workbench.pixels.workers.COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
            assert refusal(worker) == "decoder-timeout"
        worker._seconds = 60
        assert works(worker)


def test_a_worker_that_does_not_read_holds_nobody_up(monkeypatch):
    of = layout(1000, 1000)
    with FrameWorker(seconds=0.5) as worker, monkeypatch.context() as patched:
        patched.setattr("workbench.pixels.workers.COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
        with pytest.raises(InstanceRefused) as refused:
            worker.decode(bytes(1_000_000), RLE, of)
    assert refused.value.code == "decoder-timeout"


def test_a_worker_that_closes_its_output_and_lives_holds_nobody_up(monkeypatch):
    monkeypatch.setattr("workbench.pixels.workers._FAREWELL", 0.2)
    with FrameWorker() as worker, monkeypatch.context() as patched:
        code = "import os, time; os.close(1); time.sleep(60)"
        patched.setattr("workbench.pixels.workers.COMMAND", (sys.executable, "-c", code))
        assert refusal(worker) == "decoder-crashed"


@pytest.mark.parametrize("answer", ["b'x' * 99", "bytes([0] * 7 + [1]) + b'{' + bytes(8)", "bytes(16)", "b''"])
def test_an_answer_that_is_none_is_a_refusal(monkeypatch, answer):
    code = f"import sys; sys.stdin.buffer.read(9); sys.stdout.buffer.write({answer})"
    with FrameWorker() as worker, monkeypatch.context() as patched:
        patched.setattr("workbench.pixels.workers.COMMAND", (sys.executable, "-c", code))
        assert refusal(worker) == "decoder-crashed"


def test_memory_is_bounded():
    of = layout(6000, 6000, "RGB")
    size = of.rows * of.columns * 3
    zeros = encode_frame(bytes(size), of.rows, of.columns, 3, 8, "<")
    with FrameWorker(memory=400 << 20) as worker:
        for syntax, blob in ((NATIVE_FRAMES, bytes(size)), (RLE, zeros)):
            with pytest.raises(InstanceRefused) as refused:
                worker.redact(blob, syntax, of, [Area(0, 0, 9, 9)])
            # A decoder in Rust ends without a word.
            assert refused.value.code == ("decoder-crashed" if syntax == RLE else "frame-too-large")
        assert works(worker)


def test_a_worker_ends_with_its_caller():
    code = (
        "from workbench.pixels.workers import FrameWorker\n"
        "worker = FrameWorker()\n"
        "print(worker._running().pid, flush=True)\n"
        "import os; os._exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(done.stdout)).wait(timeout=20)

"""Every port fails in turn: the disk, the clock of signals, another program. Nothing half-written is ever seen."""

import errno
import fcntl
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.release.house import House, pick
from workbench.records.errors import IntegrityBroken, UsageError
from workbench.release import age, capsule


class FailingCall:
    """Lets `after` calls through, then fails once like a disk."""

    def __init__(self, real: Callable[..., Any], after: int, number: int) -> None:
        self.real, self.left, self.number, self.failed = real, after, number, False

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left == -1:
            self.failed = True
            raise OSError(self.number, os.strerror(self.number), "/home/secret/name")
        return self.real(*arguments, **named)


def check_refusal(house: House, error: UsageError, number: int) -> None:
    assert error.code == ("disk-full" if number == errno.ENOSPC else "output-not-writable")
    assert "secret" not in error.message + error.hint
    assert house.leftovers() == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("port", ["os.fsync", "os.open", "pathlib.Path.rename", "tempfile.mkdtemp", "fcntl.flock"])
def test_each_call_of_each_disk_port_fails_in_turn_while_packing(
    house: House, monkeypatch: pytest.MonkeyPatch, port: str, number: int
) -> None:
    for after in range(20):
        if not _fails(house, monkeypatch, port, after, number=number, work=house.build):
            break
        assert not house.package.exists()
    assert after > 0
    assert house.package.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize(
    "port", ["os.fsync", "os.open", "os.mkdir", "pathlib.Path.rename", "tempfile.mkdtemp", "fcntl.flock"]
)
def test_each_call_of_each_disk_port_fails_in_turn_while_opening(
    house: House, monkeypatch: pytest.MonkeyPatch, port: str, number: int
) -> None:
    house.build()
    for after in range(60):
        if not _fails(house, monkeypatch, port, after, number=number, work=house.open):
            break
    assert after > 0
    assert house.out.is_dir()


def _fails(
    house: House, monkeypatch: pytest.MonkeyPatch, port: str, after: int, *, number: int, work: Callable[[], Any]
) -> bool:
    """Run with the port failing after some calls; tell whether it came to that."""
    module, _, name = port.rpartition(".")
    owner: Any = Path if module == "pathlib.Path" else sys.modules[module]
    failing = FailingCall(getattr(owner, name), after, number)

    def call(*arguments: Any, **named: Any) -> Any:
        return failing(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, call)
        try:
            work()
        except UsageError as error:
            check_refusal(house, error, number)
    return failing.failed


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the kernel refuse to grow any file beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 1, 1000, 5000, 9000])
def test_the_kernel_refuses_to_write_more(house: House, size: int) -> None:
    with largest_file(size), pytest.raises(UsageError) as error:
        house.build()
    assert error.value.code == "disk-full"
    assert house.leftovers() == []
    house.build()
    with largest_file(size), pytest.raises(UsageError) as error:
        house.open()
    assert error.value.code == "disk-full"
    assert house.leftovers() == []


def test_an_error_of_any_write_is_not_lost_even_of_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path)
    house.add("WB-000001", [pick("waveform", tmp_path / f"{number}.dcm") for number in range(3)])
    real = capsule._File.write
    for after in range(10):
        failing = FailingCall(real, after, errno.ENOSPC)
        with monkeypatch.context() as patched:
            patched.setattr(capsule._File, "write", lambda self, data, call=failing: call(self, data))
            with suppress(UsageError):
                house.build()
        if not failing.failed:
            break
        assert not house.package.exists()
        assert house.leftovers() == []
    assert after >= 3
    assert house.package.exists()


def test_the_encryption_library_may_swallow_an_error_but_we_do_not(house: House) -> None:
    def fail(data: bytes) -> None:
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        age.encrypt(iter([b"small"]), fail, house.reader.to_public())


def test_existing_output_is_never_touched(house: House) -> None:
    house.package.write_bytes(b"mine")
    with pytest.raises(UsageError) as error:
        house.build()
    assert error.value.code == "output-exists"
    assert house.package.read_bytes() == b"mine"
    house.package.unlink()
    house.build()
    house.out.mkdir()
    (house.out / "mine").write_bytes(b"mine")
    with pytest.raises(UsageError) as error:
        house.open()
    assert error.value.code == "output-exists"
    assert house.leftovers() == ["opened", "opened/mine"]


def test_a_dangling_link_in_place_of_the_output_is_not_followed(house: House, tmp_path: Path) -> None:
    house.build()
    house.out.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError):
        house.open()
    assert not (tmp_path / "elsewhere").exists()


def test_an_empty_folder_may_be_given_as_output(house: House) -> None:
    house.build()
    house.out.mkdir()
    assert (house.open().folder / "DICOMDIR").exists()


def test_output_that_appears_meanwhile_is_not_overwritten(house: House) -> None:
    house.build()

    def clock() -> Any:
        house.out.mkdir()
        (house.out / "mine").write_bytes(b"mine")
        return house.facts().created

    with pytest.raises(UsageError) as error:
        house.open(clock=clock)
    assert error.value.code == "output-exists"
    assert house.leftovers() == ["opened", "opened/mine"]


def test_a_folder_that_does_not_exist_is_named_as_the_reason(house: House) -> None:
    house.place.rmdir()
    with pytest.raises(UsageError) as error:
        house.build()
    assert error.value.code == "output-not-writable"


def test_an_instance_that_is_gone_or_changed_is_never_packed(house: House) -> None:
    path = house.instances[0].path
    data = path.read_bytes()
    path.write_bytes(data[:-1] + b"\x55")
    with pytest.raises(IntegrityBroken) as error:
        house.build()
    assert error.value.code == "instance-not-as-approved"
    assert "its bytes changed" in error.value.message
    path.unlink()
    with pytest.raises(UsageError):
        house.build()
    assert house.leftovers() == []


@pytest.mark.parametrize(
    ("change", "what"),
    [({"pixel_sha256": "00" * 32}, "its pixels"), ({"sop_instance": "1.2.3"}, "its SOP Instance UID")],
)
def test_an_instance_that_is_not_what_the_preparation_recorded_is_never_packed(
    house: House, change: dict[str, Any], what: str
) -> None:
    with pytest.raises(IntegrityBroken, match=what) as error:
        house.build(instances=[replace(house.instances[0], **change), *house.instances[1:]])
    assert error.value.code == "instance-not-as-approved"
    assert "1.2.3" not in error.value.message
    assert house.leftovers() == []


@pytest.mark.parametrize("change", [b"\x55", b"", b"longer"])
def test_an_instance_that_changes_while_it_is_packed_stops_the_package(house: House, change: bytes) -> None:
    path = house.instances[0].path
    seq = house.studies[0].approvals[0].seq

    class Meanwhile(dict[int, str]):
        """The proofs are asked for after the instances were digested and before they are packed."""

        def __getitem__(self, key: int) -> str:
            path.write_bytes(data[:-1] + change)
            return super().__getitem__(key)

    data = path.read_bytes()
    with pytest.raises(IntegrityBroken) as error:
        house.build(proofs=Meanwhile({seq: house.log.proof(seq)}))
    assert error.value.code == "instance-not-as-approved"
    assert house.leftovers() == []


SCRIPT = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from workbench.release import opening
package, out, key, trust, number, after = sys.argv[1:]
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background of a shell
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as above, under nohup
real, calls = opening._sync, 0
def sync(file):
    global calls
    calls += 1
    if calls == int(after):
        os.kill(os.getpid(), int(number))
    real(file)
opening._sync = sync
clock = lambda: datetime(2026, 3, 4, tzinfo=UTC)
opening.open_package(Path(package), Path(out), identity_file=Path(key), trust=trust, clock=clock)
"""


def _killed(house: House, number: signal.Signals, after: int, root: Path) -> int:
    arguments = [
        str(house.package),
        str(house.out),
        str(house.identity_file),
        house.trust,
        str(int(number)),
        str(after),
    ]
    done = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], cwd=root, check=False, capture_output=True)
    return done.returncode


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("after", [1, 6])
def test_a_signal_that_ends_the_program_leaves_nothing(
    house: House, number: signal.Signals, after: int, root: Path
) -> None:
    house.build()
    assert _killed(house, number, after, root) == 128 + number
    assert house.leftovers() == []


def test_interrupting_from_the_keyboard_leaves_nothing(house: House, root: Path) -> None:
    house.build()
    assert _killed(house, signal.SIGINT, 6, root) != 0
    assert house.leftovers() == []


def test_what_a_crash_left_in_clear_is_swept_by_the_next_call(house: House, root: Path) -> None:
    house.build()
    assert _killed(house, signal.SIGKILL, 7, root) == -signal.SIGKILL
    assert any("README" in name for name in house.leftovers())
    house.open()
    assert not [name for name in house.leftovers() if not name.startswith("opened")]


def test_what_another_program_is_writing_is_not_swept(house: House) -> None:
    house.build()
    others = house.place / ".workbench-unfinished-other"
    others.mkdir()
    handle = os.open(others, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        house.open()
        assert others.is_dir()
    finally:
        os.close(handle)


def test_handlers_of_others_are_left_alone(house: House) -> None:
    previous = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        house.build()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, previous)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# only a comment\n",
        b"AGE-SECRET-KEY-1NONSENSE\n",
        b"age1notsecret\n",
        b"\xff\xfe",
        b"-----BEGIN KEY-----",
    ],
)
def test_a_file_without_a_key_is_a_usage_error_that_repeats_nothing(house: House, content: bytes) -> None:
    house.build()
    house.identity_file.write_bytes(content)
    with pytest.raises(UsageError) as error:
        house.open()
    assert error.value.code == "identity-file"
    assert "NONSENSE" not in error.value.message + error.value.hint
    house.identity_file.unlink()
    with pytest.raises(UsageError):
        house.open()


@pytest.mark.parametrize("key", ["", "age1", "AGE-SECRET-KEY-1", "ssh-ed25519 AAAA"])
def test_a_recipient_key_that_is_none_is_a_usage_error(house: House, key: str) -> None:
    with pytest.raises(UsageError) as error:
        house.build(recipient_key=key)
    assert error.value.code == "recipient-key"
    assert house.leftovers() == []


def test_two_instances_with_one_uid_or_two_studies_in_one_are_refused(house: House, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        house.build(instances=[*house.instances, house.instances[0]])
    (tmp_path / "mixed").mkdir()
    two = House(tmp_path / "mixed")
    two.add("WB-000001", [pick("mr", tmp_path / "a.dcm"), pick("rt-dose", tmp_path / "b.dcm")])
    with pytest.raises(IntegrityBroken) as error:
        two.build()
    assert error.value.code == "instance-not-as-approved"

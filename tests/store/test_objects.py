import ctypes
import errno
import fcntl
import io
import os
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import pytest

from workbench.records.errors import IntegrityBroken, StorageFailed, WorkbenchError
from workbench.store.objects import LocalDisk, LocalObjects, StoredObject

CONTENT = b"PATIENT^CANARY" * 1000


@pytest.fixture
def objects(tmp_path: Path, keys) -> LocalObjects:
    return LocalObjects(tmp_path / "objects", keys.object_cipher(), create=True)


def files(objects: LocalObjects) -> list[Path]:
    return [path for path in objects.root.rglob("*") if path.is_file()]


def test_what_was_put_comes_back_from_stream_and_path(objects: LocalObjects, tmp_path: Path):
    source = tmp_path / "in"
    source.write_bytes(CONTENT)
    one, two = objects.put(source), objects.put(io.BytesIO(CONTENT))
    assert one == two == StoredObject(one.name, len(CONTENT), sha256(CONTENT).hexdigest())
    with objects.open(one.name) as reader:
        assert reader.read() == CONTENT
    assert list(objects.names()) == [one.name]
    assert source.read_bytes() == CONTENT


def test_nothing_lies_in_clear_and_everything_is_private(objects: LocalObjects):
    stored = objects.put(io.BytesIO(CONTENT))
    for path in files(objects):
        assert b"CANARY" not in path.read_bytes()
        assert stored.digest not in str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folders = [objects.root, *(path for path in objects.root.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_export_writes_the_plaintext_privately(objects: LocalObjects, tmp_path: Path):
    target = tmp_path / "out"
    objects.export(objects.put(io.BytesIO(CONTENT)).name, target)
    assert target.read_bytes() == CONTENT
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_damaged_object_is_never_exported(objects: LocalObjects, tmp_path: Path):
    stored = objects.put(io.BytesIO(bytes(200_000)))
    path = objects.path_of(stored.name)
    data = bytearray(path.read_bytes())
    data[100_000] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityBroken) as caught:
        objects.export(stored.name, tmp_path / "out")
    assert caught.value.code == "object-damaged"
    assert [path.name for path in tmp_path.iterdir()] == ["objects"]


def test_an_object_under_another_name_is_refused(objects: LocalObjects):
    one, two = objects.put(io.BytesIO(b"one")), objects.put(io.BytesIO(b"two"))
    objects.path_of(one.name).write_bytes(objects.path_of(two.name).read_bytes())
    with pytest.raises(IntegrityBroken):
        objects.open(one.name)


def test_putting_again_heals_a_truncated_object(objects: LocalObjects):
    stored = objects.put(io.BytesIO(CONTENT))
    objects.path_of(stored.name).write_bytes(b"half")
    objects.put(io.BytesIO(CONTENT))
    with objects.open(stored.name) as reader:
        assert reader.read() == CONTENT


def test_missing_deleted_and_impossible_names(objects: LocalObjects):
    stored = objects.put(io.BytesIO(CONTENT))
    assert objects.exists(stored.name)
    objects.delete(stored.name)
    objects.delete(stored.name)
    assert not objects.exists(stored.name)
    for name, code in ((stored.name, "object-missing"), ("../../etc/passwd", "object-name-invalid")):
        with pytest.raises(IntegrityBroken) as caught:
            objects.open(name)
        assert caught.value.code == code


def test_a_store_that_is_not_there_is_not_made_silently(tmp_path: Path, keys):
    with pytest.raises(StorageFailed) as caught:
        LocalObjects(tmp_path / "absent", keys.object_cipher())
    assert caught.value.code == "object-store-missing"
    assert not (tmp_path / "absent").exists()


def test_a_source_that_cannot_be_read_is_named_without_its_name(objects: LocalObjects, tmp_path: Path):
    with pytest.raises(StorageFailed) as caught:
        objects.put(tmp_path / "DOE^JANE.dcm")
    assert caught.value.code == "source-not-read"
    assert "DOE" not in caught.value.message + caught.value.hint
    assert files(objects) == []


def test_a_batch_appears_at_its_end_or_not_at_all(objects: LocalObjects):
    with objects.batch() as batch:
        stored = [batch.put(io.BytesIO(bytes([n]))) for n in range(5)]
        assert list(objects.names()) == []
    assert sorted(objects.names()) == sorted(found.name for found in stored)
    with pytest.raises(ZeroDivisionError), objects.batch() as batch:
        1 / batch.put(io.BytesIO(b"")).size
    assert len(list(objects.names())) == 5
    assert list(objects.incoming.iterdir()) == []


def test_a_batch_holds_few_files_open(objects: LocalObjects):
    before = len(list(Path("/proc/self/fd").iterdir()))
    with objects.batch() as batch:
        for n in range(50):
            batch.put(io.BytesIO(bytes([n])))
        assert len(list(Path("/proc/self/fd").iterdir())) - before <= 1


# -- faults: every call to the disk fails in turn


class FailingFile(io.RawIOBase):
    """A file whose n-th write fails."""

    def __init__(self, file: BinaryIO, disk: "FailingDisk") -> None:
        super().__init__()
        self.file = file
        self.disk = disk

    def write(self, data) -> int:
        self.disk.step("write")
        return self.file.write(data)

    def flush(self) -> None:
        if not self.file.closed:
            self.file.flush()

    def fileno(self) -> int:
        return self.file.fileno()

    def close(self) -> None:
        self.file.close()
        super().close()


class FailingDisk(LocalDisk):
    """A disk whose n-th call of one kind fails with a given error."""

    def __init__(self, kind: str = "", nth: int = 0, error: int = errno.EIO) -> None:
        self.kind, self.nth, self.error = kind, nth, error
        self.seen: dict[str, int] = {}

    def step(self, kind: str) -> None:
        self.seen[kind] = self.seen.get(kind, 0) + 1
        if kind == self.kind and self.seen[kind] == self.nth:
            raise OSError(self.error, os.strerror(self.error), "/home/DOE^JANE")

    def create(self, path: Path) -> BinaryIO:
        self.step("create")
        return FailingFile(super().create(path), self)  # type: ignore[return-value] # as much of a file as is needed

    def sync(self, paths) -> None:
        self.step("sync")
        super().sync(paths)

    def rename(self, source: Path, target: Path) -> None:
        self.step("rename")
        super().rename(source, target)


def put_three(objects: LocalObjects) -> None:
    with objects.batch() as batch:
        for n in range(3):
            batch.put(io.BytesIO(CONTENT + bytes([n])))


def disk_calls() -> list[tuple[str, int]]:
    return [
        *(("create", n) for n in range(1, 5)),  # the lock and three objects
        *(("write", n) for n in range(1, 10)),  # header, chunk, trailer
        ("sync", 1),  # the files, before they get their names
        *(("rename", n) for n in range(1, 4)),
        ("sync", 2),  # the folders, after
    ]


def test_the_list_of_faults_is_complete(tmp_path: Path, keys):
    disk = FailingDisk()
    put_three(LocalObjects(tmp_path / "objects", keys.object_cipher(), disk=disk, create=True))
    counted = {kind: len([n for name, n in disk_calls() if name == kind]) for kind in disk.seen}
    assert counted == disk.seen


@pytest.mark.parametrize("fault", [(errno.EIO, "object-not-written"), (errno.ENOSPC, "disk-full")])
@pytest.mark.parametrize(("kind", "nth"), disk_calls())
def test_a_failing_disk_leaves_no_half_object_and_a_named_error(tmp_path: Path, keys, kind: str, nth: int, fault):
    root, cipher = tmp_path / "objects", keys.object_cipher()
    error, code = fault
    objects = LocalObjects(root, cipher, disk=FailingDisk(kind, nth, error), create=True)
    with pytest.raises(StorageFailed) as caught:
        put_three(objects)
    assert caught.value.code == code
    assert "DOE" not in caught.value.message + caught.value.hint
    assert caught.value.__cause__ is None
    healthy = LocalObjects(root, cipher)
    assert list(healthy.incoming.iterdir()) == []
    for name in healthy.names():  # what was renamed before the fault is whole, an orphan without a row
        with healthy.open(name) as reader:
            assert reader.read().startswith(CONTENT)
    if kind != "rename" and (kind, nth) != ("sync", 2):
        assert list(healthy.names()) == []
    put_three(healthy)
    assert len(list(healthy.names())) == 3


@pytest.mark.parametrize("fault", [("create", 1), ("write", 1), ("sync", 1), ("rename", 1), ("sync", 2)])
def test_a_failing_disk_leaves_nothing_in_clear_when_exporting(tmp_path: Path, keys, fault):
    root, cipher = tmp_path / "objects", keys.object_cipher()
    name = LocalObjects(root, cipher, create=True).put(io.BytesIO(CONTENT)).name
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(StorageFailed):
        LocalObjects(root, cipher, disk=FailingDisk(*fault)).export(name, out / "file")
    left = [path for path in out.iterdir() if path.name.startswith(".")]
    assert left == []
    if fault != ("sync", 2):
        assert list(out.iterdir()) == []


def test_a_file_is_synced_before_it_gets_its_name_and_the_folder_after(tmp_path: Path, keys):
    order: list[str] = []

    class Watching(LocalDisk):
        def sync(self, paths) -> None:
            order.append("files" if all(path.is_file() for path in paths) else "folders")
            super().sync(paths)

        def rename(self, source: Path, target: Path) -> None:
            order.append("rename")
            super().rename(source, target)

    put_three(LocalObjects(tmp_path / "objects", keys.object_cipher(), disk=Watching(), create=True))
    assert order == ["files", "rename", "rename", "rename", "folders"]


@pytest.mark.parametrize("has_syncfs", [True, False])
def test_many_are_synced_at_once_where_the_system_can(tmp_path: Path, monkeypatch, has_syncfs: bool):
    calls: list[int] = []
    paths = [tmp_path / str(n) for n in range(20)]
    for path in paths:
        path.write_bytes(b"x")
    monkeypatch.setattr(os, "fsync", calls.append)
    if not has_syncfs:
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    LocalDisk().sync(paths)
    assert len(calls) == (0 if has_syncfs else 20)


def test_a_source_that_breaks_off_leaves_nothing(objects: LocalObjects):
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(errno.EIO, "gone")

    with pytest.raises(StorageFailed):
        objects.put(Broken())  # type: ignore[arg-type] # as much of a file as is needed
    assert files(objects) == []


def test_a_crashed_writers_remains_are_swept_and_a_living_ones_are_not(objects: LocalObjects):
    crashed, living = objects.incoming / "crashed", objects.incoming / "living"
    for folder in (crashed, living):
        folder.mkdir()
        (folder / "lock").write_bytes(b"")
        (folder / "0").write_bytes(b"half")
    with (living / "lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert objects.sweep() == 1
    assert list(objects.incoming.iterdir()) == [living]
    assert objects.sweep() == 1


KILLED = """
import io, os, signal, sys
from pathlib import Path
from workbench.store.objects import LocalObjects
from workbench.vault.keyfiles import generate
from workbench.vault.keys import KeyRing

objects = LocalObjects(Path(sys.argv[1]), KeyRing(generate("test.example/log")).object_cipher())
with objects.batch() as batch:
    batch.put(io.BytesIO(b"one"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_that_was_killed_leaves_no_object_and_its_remains_are_swept(objects: LocalObjects):
    done = subprocess.run([sys.executable, "-c", KILLED, str(objects.root)], check=False, timeout=60)
    assert done.returncode == -9
    assert list(objects.names()) == []
    assert len(list(objects.incoming.iterdir())) == 1
    assert objects.sweep() == 1
    assert files(objects) == []


def test_orphans_are_listed_by_age_and_a_second_put_makes_them_young(objects: LocalObjects):
    known, orphan = (objects.put(io.BytesIO(content)).name for content in (b"known", b"orphan"))
    for name in (known, orphan):
        os.utime(objects.path_of(name), (1000, 1000))
    assert list(objects.orphans(frozenset({known}), older_than=2000)) == [orphan]
    assert list(objects.orphans(frozenset({known}), older_than=500)) == []
    objects.put(io.BytesIO(b"orphan"))
    assert list(objects.orphans(frozenset({known}), older_than=2000)) == []


def test_every_error_has_a_code_a_message_and_a_next_step(objects: LocalObjects):
    with pytest.raises(WorkbenchError) as caught:
        objects.open("0" * 64)
    assert caught.value.code
    assert caught.value.message
    assert caught.value.hint

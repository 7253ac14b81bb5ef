"""Check an audit log without the workbench: this one file, Python and the `cryptography` package are enough.

    python verifier.py workbench.db --trust trust.vkey --witness witness.txt

It shares no code with what writes the log; `docs/audit-format.md` has the format for whoever would rather write their
own. It reads a SQLite file without changing anything beside it, or an export with one entry a line. Exit codes: 0 the
log is what the checkpoints say, 2 wrong usage, 3 it is not or that cannot be shown.
"""

import argparse
import json
import re
import shutil
import sqlite3
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST_PROBLEMS = 50
MOST_BYTES = 1_000_000
"""Of one value in the database, one line of an export or one note."""
MOST_BODY_BYTES = 65_536
NO_HASH = bytes(32)
KEYS = frozenset({"v", "seq", "prev", "at", "kind", "actor", "data"})
COLUMNS = ("etype", "at", "actor", "study", "release")
GUARDS = {
    "audit_event": "95ed5ea7ad1c40b426b0cb176dbd51dec9222f1f5ed394ae9ccd8505f463ab7a",
    "audit_head": "89cbd8113dc8088bb06388406b178e61a22caf037cc985cd6395f02a7ffe66bc",
    "audit_checkpoint": "9ac40ac29b9697c00f49259118c2206e83c64e31c008ccf8544c91e8acdef914",
    "audit_event_no_update": "059ebabe4f35be10837819576feeedfb6170502c47fdf05915599e2c5a7f1dd7",
    "audit_event_no_delete": "d0112c6ec27c6affa5ea6aaf2996fc9cc0c0d07cd633963189e7dfd485e18240",
    "audit_event_next": "7b8f59e64ea08ded00ffe464696d43312f1a22cf4ccf581f5e9cab5b9d679fee",
    "audit_head_no_delete": "8af0a3de11c86c9bd201866a8a857814f6f00ee73c784337f3c8515756a1c719",
    "audit_head_no_insert": "9653708c9422fd3099cf037fd2c63bf38e9100329623b8ec1393b83da7969d54",
    "audit_head_grows": "294d7fbfd7134d1d765c03d4501abece0b365515addbb9599b5f4edccd0d0f0b",
    "audit_checkpoint_no_update": "651996835055993e3557b0d50aa10368db22bb2e2c8629c15101b70638362971",
    "audit_checkpoint_no_delete": "19fae300953ed1f54217b3e2ebd3ab765b5cacf465d0b366db9748880e0d075d",
    "audit_checkpoint_new": "9d1dd69d7ff81f6ad61f6bccddcccabf50b1cb6d771e542a16457ada1df2d2ed",
}
"""SHA-256 of each table's and each protecting trigger's statement, white space collapsed."""

_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_DASH = "\u2014 ".encode()

Columns = tuple[object, ...]
Row = tuple[object, object, object, object, Columns | None]
"""Number, body, hash, subtrees, projected columns; `_ABSENT` or None for what the source does not have."""

_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `seq` is the entry that it concerns, -1 when it concerns none.

    Where only a range of entries can be named, `seq` is its first and `until` its last.
    """

    code: str
    message: str
    seq: int = -1
    until: int = -1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of a log.

    `problems` come with the first bad entry first; `notices` are no reason for doubt by themselves. `witnessed` is how
    many entries the newest valid checkpoint from outside covers: what came after it could vanish unnoticed.
    """

    ok: bool
    entries: int
    checkpoints: int
    witnessed: int
    root: str
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]

    @property
    def first_bad(self) -> int:
        """The first bad entry, -1 when there is none; the first of a range where nothing closer is known."""
        exact = [problem.seq for problem in self.problems if problem.seq >= 0 and problem.until < 0]
        ranges = [
            problem.seq
            for problem in self.problems
            if problem.until >= 0 and not any(problem.seq <= seq <= problem.until for seq in exact)
        ]
        return min(exact + ranges, default=-1)

    def text(self) -> str:
        """Say it in words."""
        lines = [f"{self.entries} entries, {self.checkpoints} valid checkpoints"]
        lines += [f"problem {problem.code}: {problem.message}" for problem in self.problems]
        lines += [f"notice {notice.code}: {notice.message}" for notice in self.notices]
        if self.first_bad >= 0:
            lines.append(f"The first bad entry is {self.first_bad}.")
        lines.append("Record verified." if self.ok else "The log is NOT proven.")
        return "\n".join(lines)


def verify_log(
    database: Path | str | Iterable[tuple[object, object, object]], trust: str, witness: Path | str | None = None
) -> Verdict:
    """Check a log against its own chain, its signed checkpoints and the copies of them kept outside.

    Parameters
    ----------
    database
        A SQLite file, an export with one entry a line, or rows of (number, body, hash) in their order.
    trust
        The verifier key that was handed over separately: its one line (or several, a line each), or a file of them.
    witness
        The witness file, or any file of checkpoints that somebody outside kept.

    Returns
    -------
    Verdict
        Never an exception, whatever the files hold: what cannot be read is a problem too.
    """
    doubts = _Doubts()
    keys = _keys(trust, doubts)
    notes = [] if witness is None else _witness_notes(Path(witness), keys, doubts)
    chain = _Chain(doubts)
    try:
        with _source(database, doubts) as log:
            stored = {size for size, _ in log.notes if isinstance(size, int)} if log.kept else None
            notes += _stored_notes(log.notes, keys, doubts)
            notes += _head_note(log, keys, doubts)
            chain.tree.wanted.update(note.size for note in notes)
            chain.read(log.rows)
            _compare_head(log, chain, doubts)
            _judge_notes(notes, chain, stored, doubts)
    except Exception as error:  # noqa: BLE001 - whatever a hostile file provokes, it gets a verdict
        doubts.add(
            "unreadable",
            f"Entry {chain.expected} or what follows it cannot be read ({_kind(error)}).",
            chain.expected,
        )
    return _verdict(chain, notes, doubts, witness=witness is not None)


@dataclass(frozen=True, slots=True)
class _Note:
    """A checkpoint whose signature holds. `place` says for people where it was read."""

    size: int
    root: bytes
    extensions: tuple[str, ...]
    outside: bool
    place: str


@dataclass(slots=True)
class _Doubts:
    """Collects problems and notices, and does not drown in them."""

    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    def add(self, code: str, message: str, seq: int = -1, until: int = -1) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(code, message, seq, until))

    def tell(self, code: str, message: str, seq: int = -1) -> None:
        if len(self.notices) < MOST_PROBLEMS:
            self.notices.append(Problem(code, message, seq))


class _Tree:
    """The compact range of RFC 6962 and its roots at the sizes that somebody signed."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []
        self.whole = True
        self.wanted: set[int] = set()
        self.roots = {0: self.root()}

    def root(self) -> bytes:
        if not self.peaks:
            return sha256(b"").digest()
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = sha256(b"\x01" + peak + root).digest()
        return root

    def append(self, leaf: bytes) -> bytes:
        """Take a leaf; return the roots of the subtrees that it completes."""
        completed, node, index = b"", leaf, self.size
        while index & 1:
            node = sha256(b"\x01" + self.peaks.pop() + node).digest()
            completed += node
            index >>= 1
        self.peaks.append(node)
        self.size += 1
        if self.whole and self.size in self.wanted:
            self.roots[self.size] = self.root()
        return completed


class _Chain:
    """Reads the entries once, in constant memory."""

    def __init__(self, doubts: _Doubts) -> None:
        self.doubts = doubts
        self.tree = _Tree()
        self.rows = 0
        self.expected = 0
        self.previous: bytes | None = NO_HASH
        self.before: bytes | None = None
        self.shift = 0
        self.latest = ""
        self.steps_back: list[int] = []
        self.restores: dict[int, tuple[str, str]] = {}

    def read(self, rows: Iterable[Row]) -> None:
        for number, body, stored, subtrees, columns in rows:
            self.rows += 1
            seq = self.expected if number is _ABSENT else number
            if self._in_order(seq):
                self._row(self.expected - 1, body, stored, subtrees, columns)

    def _in_order(self, seq: object) -> bool:
        if not isinstance(seq, int) or seq < self.expected:
            self.tree.whole = False
            self.doubts.add(
                "number",
                f"A row before entry {self.expected} has no number of its own: it was inserted or doubled.",
                max(seq, 0) if isinstance(seq, int) else self.expected,
            )
            return False
        if seq > self.expected:
            self.doubts.add("missing", f"Entries {self.expected} to {seq - 1} are missing.", self.expected)
            self.tree.whole, self.previous = False, None
        self.expected = seq + 1
        return True

    def _row(self, seq: int, body: object, stored: object, subtrees: object, columns: Columns | None) -> None:
        if type(body) is not bytes or len(body) > MOST_BODY_BYTES:
            self.doubts.add("type", f"Entry {seq} is not stored as bytes, or is too long.", seq)
            self.tree.whole, self.previous = False, None
            return
        leaf = sha256(b"\x00" + body).digest()
        if stored is not _ABSENT and (type(stored) is not bytes or stored != leaf):
            self.doubts.add("hash", f"Entry {seq} does not have the hash that stands beside it: it was altered.", seq)
        self._entry(seq, body, leaf, columns)
        completed = self.tree.append(leaf)
        if self.tree.whole and subtrees is not _ABSENT and (type(subtrees) is not bytes or subtrees != completed):
            self.doubts.add("subtrees", f"The stored subtrees of entry {seq} are not those of the log.", seq)
        self.before = self.previous
        self.previous = stored if type(stored) is bytes and len(stored) == len(leaf) else leaf

    def _entry(self, seq: int, body: bytes, leaf: bytes, columns: Columns | None) -> None:
        entry = _parsed(body)
        if entry is None:
            self.doubts.add("body", f"Entry {seq} is not canonical JSON of the known form.", seq)
            return
        shift = seq - entry["seq"]
        if shift and shift != self.shift:
            behind = shift == self.shift + 1 and self.before is not None and entry["prev"] == self.before.hex()
            if behind and leaf != self.previous:
                self.doubts.add("number", f"Entry {seq - 1} was inserted: the true one stands behind it.", seq - 1)
            else:
                self.doubts.add("number", f"Entry {entry['seq']} stands in the place of entry {seq}.", seq)
        elif self.previous is not None and entry["prev"] != self.previous.hex():
            self.doubts.add(
                "chain",
                f"Entry {seq} was not written after the entry that stands before it: "
                f"entry {max(seq - 1, 0)} was altered, exchanged or removed.",
                max(seq - 1, 0),
            )
        self.shift = shift
        if columns is not None:
            self._compare_columns(seq, entry, columns)
        if entry["at"] < self.latest:
            self.steps_back.append(seq)
        self.latest = entry["at"]
        if entry["kind"] == "log.restored":
            self.restores[seq] = str(entry["data"].get("lost_size")), str(entry["data"].get("lost_root"))

    def _compare_columns(self, seq: int, entry: dict[str, Any], columns: Columns) -> None:
        data = entry["data"]
        said = (entry["kind"], entry["at"], entry["actor"]["id"], data.get("study"), data.get("release"))
        for name, value, column in zip(COLUMNS, said, columns, strict=True):
            if column != (value.encode("ascii") if isinstance(value, str) else value):
                self.doubts.add("column", f"The column {name} of entry {seq} does not say what the entry says.", seq)


def _no_number(_: str) -> object:
    raise ValueError


_DECODER = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _parsed(body: bytes) -> dict[str, Any] | None:
    """Return the entry when the body is its one spelling (RFC 8785; sorting suffices for ASCII keys), else None."""
    try:
        text = body.decode("ascii")
        entry = _DECODER.decode(text)
        known = (
            isinstance(entry, dict)
            and entry.keys() == KEYS
            and (type(entry["v"]), entry["v"], type(entry["seq"])) == (int, 1, int)
            and all(isinstance(entry[key], str) for key in ("prev", "at", "kind"))
            and all(isinstance(entry[key], dict) for key in ("actor", "data"))
            and isinstance(entry["actor"].get("id"), str)
            and all(isinstance(entry["data"].get(key, ""), str) for key in ("study", "release"))
            and _AT.fullmatch(entry["at"]) is not None
            and _ENCODER.encode(entry) == text
        )
    except (ValueError, RecursionError):
        return None
    return entry if known else None


# Keys and notes


def _keys(trust: str, doubts: _Doubts) -> dict[tuple[str, bytes], Ed25519PublicKey]:
    """Read verifier keys, `name+hash+key`, one a line."""
    try:
        text = Path(trust).read_text("utf-8") if Path(trust).is_file() else trust
    except (OSError, ValueError):
        text = trust
    keys = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, rest = line.partition("+")
        digest, _, encoded = rest.partition("+")
        raw = _base64(encoded.encode("utf-8", "replace"))
        key_id = sha256(f"{name}\n".encode("utf-8", "replace") + (raw or b"")).digest()[:4]
        if not name or raw is None or len(raw) != 33 or raw[0] != 1 or key_id.hex() != digest:
            doubts.add("trust", "The trusted key is not a verifier key (name+hash+key, as in trust.vkey).")
            return {}
        keys[name, key_id] = Ed25519PublicKey.from_public_bytes(raw[1:])
    if not keys:
        doubts.add("trust", "No trusted key was given.")
    return keys


def _base64(text: bytes) -> bytes | None:
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if b64encode(raw) == text else None


def _open(note: bytes, keys: dict[tuple[str, bytes], Ed25519PublicKey]) -> tuple[str, int, bytes, tuple[str, ...]]:
    """Return code, size, root and extensions of a note; the code is empty when all is well (C2SP tlog-checkpoint)."""
    text, found, lines = note.rpartition(b"\n\n")
    text += b"\n"
    if not found or not lines.endswith(b"\n") or len(note) > MOST_BYTES:
        return "malformed", 0, b"", ()
    code = "foreign"
    for line in lines[:-1].split(b"\n"):
        name, _, encoded = line.removeprefix(_DASH).partition(b" ")
        raw = _base64(encoded)
        if not line.startswith(_DASH) or not name or raw is None or len(raw) < 5:
            return "malformed", 0, b"", ()
        origin = name.decode("utf-8", "replace")
        key = keys.get((origin, raw[:4]))
        if key is None:
            continue
        if len(raw) != 68:
            return "malformed", 0, b"", ()
        try:
            key.verify(raw[4:], text)
        except InvalidSignature:
            return "signature", 0, b"", ()
        if text.startswith(name + b"\n"):
            code = ""
    parts = text[:-1].split(b"\n")
    root = _base64(parts[2]) if len(parts) >= 3 else None
    if root is None or len(root) != 32 or not all(parts) or not re.fullmatch(rb"0|[1-9][0-9]{0,18}", parts[1]):
        return code or "malformed", 0, b"", ()
    return code, int(parts[1]), root, tuple(part.decode("utf-8", "replace") for part in parts[3:])


_HEAD = "the signed head of the log"
_WRONG = {
    "malformed": "is not a signed checkpoint",
    "signature": "was altered: its signature is wrong",
    "foreign": "is not signed by the trusted key for this log",
}


def _stored_notes(
    stored: list[tuple[object, object]], keys: dict[tuple[str, bytes], Ed25519PublicKey], doubts: _Doubts
) -> list[_Note]:
    notes = []
    for size, note in stored if keys else ():
        place = f"the checkpoint at size {size if isinstance(size, int) else '?'} in the database"
        code, signed, root, extensions = _open(note, keys) if isinstance(note, bytes) else ("malformed", 0, b"", ())
        if not code and signed != size:
            code = "signature"
        if code:
            doubts.add(f"checkpoint-{code}", f"{place.capitalize()} {_WRONG[code]}.")
        else:
            notes.append(_Note(signed, root, extensions, outside=False, place=place))
    return notes


def _head_note(log: "_Log", keys: dict[tuple[str, bytes], Ed25519PublicKey], doubts: _Doubts) -> list[_Note]:
    """Return the checkpoint that the workbench signs with every entry: nobody else can move the head."""
    size, _, _, note = log.head[0] if len(log.head) == 1 else (None, None, None, None)
    if not keys or not isinstance(size, int) or (size == 0 and note == b""):
        return []
    code, signed, root, _ = _open(note, keys) if isinstance(note, bytes) else ("malformed", 0, b"", ())
    if code:
        doubts.add("head-signature", f"The head of the log {_WRONG[code]}.")
    elif signed < size:
        doubts.add("head-signature", f"Entries from {signed} on were not written by the workbench.", signed, size - 1)
    return [] if code else [_Note(signed, root, (), outside=False, place=_HEAD)]


def _witness_notes(witness: Path, keys: dict[tuple[str, bytes], Ed25519PublicKey], doubts: _Doubts) -> list[_Note]:
    """Read a file of notes, each followed by an empty line."""
    try:
        content = witness.read_bytes()
    except (OSError, ValueError):
        doubts.add("witness-unreadable", "The witness file cannot be read.")
        return []
    notes: list[_Note] = []
    pending, broken = b"", 0
    for block in content.split(b"\n\n") if keys else ():
        if not block.startswith(_DASH):
            broken += bool(pending)
            pending = block.lstrip(b"\n")
            continue
        place = f"checkpoint {len(notes) + 1} of the witness file"
        code, size, root, extensions = _open(pending + b"\n\n" + block.rstrip(b"\n") + b"\n", keys)
        pending = b""
        if code == "malformed":
            broken += 1
        elif code:
            doubts.add(f"witness-{code}", f"A note after {len(notes)} good ones in the witness file {_WRONG[code]}.")
        else:
            if broken:
                doubts.tell("witness-gap", f"{broken} incomplete notes stand before {place}.")
            notes.append(_Note(size, root, extensions, outside=True, place=place))
            broken = 0
    if broken or pending.strip():
        doubts.add(
            "witness-incomplete",
            "The end of the witness file is not a whole checkpoint: a power cut, or somebody cut it. Have the "
            "workbench sign a new checkpoint, then verify again.",
        )
    return notes


def _judge_notes(notes: list[_Note], chain: _Chain, stored: set[int] | None, doubts: _Doubts) -> None:
    """Hold every valid checkpoint against the log."""
    roots = chain.tree.roots
    bad = [note for note in notes if roots.get(note.size) != note.root]
    good = [note for note in notes if roots.get(note.size) == note.root]
    bad = _without_acknowledged(notes, bad, chain, doubts)
    for size in sorted({note.size for note in bad}):
        places = [note.place for note in notes if note.size == size]
        if len({note.root for note in notes if note.size == size}) > 1:
            doubts.add("fork", f"Two histories were signed at size {size}: {places[0]} and {places[-1]}.")
    cut = [note for note in bad if note.size > chain.expected]
    changed = [note for note in bad if note.size <= chain.expected]
    for outside in (False, True):
        if note := _smallest(cut, outside=outside):
            doubts.add(
                "truncated",
                f"The log has {chain.expected} entries, but {note.place} covers {note.size}: it was cut or rolled back "
                "(a copy of a database without its -wal file looks the same).",
                chain.expected,
            )
        if note := _smallest(changed, outside=outside):
            low, high = max((other.size for other in good if other.size < note.size), default=0), note.size - 1
            doubts.add(
                "root",
                f"Something between entry {low} and entry {high} was altered, inserted or removed: "
                f"{note.place} signed other entries.",
                low,
                max(high, 0),
            )
    if stored is not None:
        for note in good:
            if note.outside and note.size not in stored and note.size:
                doubts.add("checkpoint-removed", f"{note.place.capitalize()} is no longer in the database.")


def _smallest(notes: list[_Note], *, outside: bool) -> _Note | None:
    return min((note for note in notes if note.outside is outside), key=lambda note: note.size, default=None)


def _without_acknowledged(notes: list[_Note], bad: list[_Note], chain: _Chain, doubts: _Doubts) -> list[_Note]:
    """Leave out what a signed checkpoint `restored SEQ` and its entry vouch for; it stays visible as a notice."""
    for place, note in enumerate(notes):
        words = note.extensions[0].split(" ") if note.outside and note.extensions else []
        if note in bad or len(words) != 2 or words[0] != "restored" or not words[1].isdecimal():
            continue
        seq = int(words[1])
        lost = [earlier for earlier in bad if earlier.outside and earlier in notes[:place]]
        if chain.restores.get(seq) in {(str(earlier.size), earlier.root.hex()) for earlier in lost}:
            doubts.tell(
                "restored",
                f"{len(lost)} outside checkpoints over a lost part of the log are explained by entry {seq}, "
                "in which two people vouch for a restore.",
                seq,
            )
            bad = [other for other in bad if other not in lost]
    return bad


# Sources


@dataclass(slots=True)
class _Log:
    """One source. `kept` says that it is the database itself, with head and checkpoints."""

    rows: Iterable[Row]
    notes: list[tuple[object, object]] = field(default_factory=list)
    head: list[tuple[object, ...]] = field(default_factory=list)
    kept: bool = False


@contextmanager
def _source(database: Path | str | Iterable[tuple[object, object, object]], doubts: _Doubts) -> Iterator[_Log]:
    if not isinstance(database, (Path, str)):
        yield _Log((number, body, stored, _ABSENT, None) for number, body, stored in database)
        return
    path = Path(database).resolve()  # SQLite looks for the -wal beside the file itself, not beside a link to it
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            file.seek(0)
            yield _Log((_ABSENT, line, _ABSENT, _ABSENT, None) for line in _lines(file))
            return
    with _connection(path, doubts) as connection:
        yield _database(connection, doubts)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2**31 - 1)  # other tables may hold large values
        for (line,) in connection.execute("PRAGMA integrity_check(5)"):
            if line != b"ok":
                doubts.add("database", "The database file is damaged (PRAGMA integrity_check).")
                break


def _lines(file: Any) -> Iterator[bytes]:
    while line := file.readline(MOST_BYTES):
        yield line.removesuffix(b"\n")


class _Text(bytes):
    """A TEXT value as SQLite has it, so that it is neither taken for a BLOB nor decoded."""

    __slots__ = ()


@contextmanager
def _connection(path: Path, doubts: _Doubts) -> Iterator[sqlite3.Connection]:
    """Open without leaving a trace: a file in use through its locks, a copy with a -wal beside it as a copy of both."""
    beside = [path.with_name(path.name + ending) for ending in ("-wal", "-journal")]
    pending = [file for file in beside if file.exists() and file.stat().st_size]
    if not pending:
        before = path.stat()
        with closing(_opened(path, "immutable=1")) as connection:
            yield connection
        after = path.stat()
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            doubts.add("changed", "The database changed while it was read. Verify again.")
    elif path.with_name(path.name + "-shm").exists():
        with closing(_opened(path, "mode=ro")) as connection:
            connection.execute("BEGIN")
            yield connection
    else:
        with tempfile.TemporaryDirectory() as directory:
            copy = Path(directory, "copy.db")
            shutil.copyfile(path, copy)
            for file in pending:
                shutil.copyfile(file, Path(directory, "copy.db" + file.name.removeprefix(path.name)))
            with closing(_opened(copy, "mode=rw")) as connection:
                yield connection


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True, isolation_level=None)
    connection.text_factory = _Text
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
    for pragma in ("query_only=ON", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _database(connection: sqlite3.Connection, doubts: _Doubts) -> _Log:
    _check_schema(connection, doubts)
    # only bytes of a credible length are read at all
    blobs = ", ".join(
        f"CASE WHEN typeof({name}) = 'blob' AND length({name}) <= {MOST_BODY_BYTES} THEN {name} END"
        for name in ("body", "hash", "subtrees")
    )
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    rows = connection.execute(f"SELECT seq, {blobs}, {names} FROM main.audit_event ORDER BY seq")  # noqa: S608 - constants
    return _Log(
        ((seq, body, stored, subtrees, tuple(columns)) for seq, body, stored, subtrees, *columns in rows),
        connection.execute("SELECT size, note FROM main.audit_checkpoint ORDER BY size").fetchall(),
        connection.execute("SELECT size, peaks, last, note FROM main.audit_head LIMIT 2").fetchall(),
        kept=True,
    )


def _check_schema(connection: sqlite3.Connection, doubts: _Doubts) -> None:
    """Hold tables and triggers against what the workbench makes; a changed one may let through what it should not."""
    tables = ("audit_event", "audit_head", "audit_checkpoint")
    found: dict[str, str] = {}
    for kind, name, table, sql in connection.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_master"):
        word, place = _word(name), _word(table)
        if word in tables or (place in tables and kind == b"trigger"):
            found[word] = sha256(b" ".join((sql or b"").split())).hexdigest()
    for name, digest in GUARDS.items():
        if found.pop(name, None) != digest:
            what = "table" if name in tables else "trigger"
            doubts.add("guard", f"The {what} {name} is not as the workbench made it: a guard of the log was removed.")
    for _ in found:
        doubts.add("guard", "A trigger that does not belong to the log was put on its tables.")


def _kind(error: Exception) -> str:
    """Name an error without its text, which may quote what the file holds."""
    return getattr(error, "sqlite_errorname", None) or type(error).__name__


def _word(value: object) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""


def _compare_head(log: _Log, chain: _Chain, doubts: _Doubts) -> None:
    if not log.kept:
        return
    size, peaks, last, _ = log.head[0] if len(log.head) == 1 else (None, None, None, None)
    if not isinstance(size, int):
        doubts.add("head", "The head of the log is missing or damaged.")
    elif size > chain.expected:
        doubts.add("truncated", f"The head counts {size} entries, the log has {chain.expected}.", chain.expected)
    elif size < chain.expected:
        doubts.add("head", f"Entries from {size} on were not written by the workbench.", max(size, 0))
    elif chain.tree.whole and (peaks != b"".join(chain.tree.peaks) or last != (chain.previous or b"")):
        doubts.add("head", "The newest entry is not the one that was written last.", max(size - 1, 0))


# The verdict and the command


def _verdict(chain: _Chain, notes: list[_Note], doubts: _Doubts, *, witness: bool) -> Verdict:
    outside = [note for note in notes if note.outside]
    told = any(problem.code == "trust" or problem.code.startswith("witness-") for problem in doubts.problems)
    if witness and not outside and not told:
        doubts.add("witness-empty", "The witness file holds no checkpoint of this log.")
    if not notes and not doubts.problems:
        doubts.add("unproven", "There is no checkpoint, so nothing shows that this log is what was written.")
    if chain.steps_back:
        message = f"The clock was set back {len(chain.steps_back)} times, first before entry {chain.steps_back[0]}."
        doubts.tell("clock", message, chain.steps_back[0])
    roots = chain.tree.roots
    witnessed = max((note.size for note in outside if roots.get(note.size) == note.root), default=0)
    if not witness:
        doubts.tell(
            "no-witness",
            "Only checkpoints inside the database were checked. Whoever owns the database can delete them and rebuild "
            "the log; a witness file kept elsewhere would show that.",
        )
    elif unpublished := sum(note.size > witnessed and note.place != _HEAD for note in notes if not note.outside):
        doubts.tell(
            "unpublished",
            f"{unpublished} checkpoints of the database are not in the witness file, whose newest covers {witnessed} "
            f"of {chain.expected} entries: it could not be written, or it was cut.",
            witnessed,
        )
    elif chain.expected > witnessed:
        doubts.tell(
            "unwitnessed",
            f"{chain.expected - witnessed} entries came after the newest outside checkpoint: those could be changed or "
            "cut off unnoticed.",
            witnessed,
        )
    ordered = sorted(doubts.problems, key=lambda problem: (problem.seq < 0, problem.until >= 0, problem.seq))
    root = chain.tree.root().hex() if chain.tree.whole else ""
    checkpoints = sum(note.place != _HEAD for note in notes)
    return Verdict(not ordered, chain.rows, checkpoints, witnessed, root, tuple(ordered), tuple(doubts.notices))


def main(arguments: list[str] | None = None) -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="verifier", description="Check an audit log against its signed checkpoints, off-line.", epilog=__doc__
    )
    parser.add_argument("database", help="the SQLite file, or an export with one entry a line")
    parser.add_argument("--trust", required=True, help="the verifier key: trust.vkey or the line in it")
    parser.add_argument("--witness", help="the file of checkpoints kept outside")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    chosen = parser.parse_args(arguments)
    verdict = verify_log(chosen.database, chosen.trust, chosen.witness)
    said = asdict(verdict) | {"first_bad": verdict.first_bad}
    sys.stdout.write((json.dumps(said, indent=2) if chosen.json else verdict.text()) + "\n")
    return 0 if verdict.ok else 3


if __name__ == "__main__":
    sys.exit(main())

"""The page that describes the format: complete, and enough for a stranger to write a verifier."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.audit.house import House
from workbench.audit import verifier
from workbench.audit.export import write_export
from workbench.audit.tables import audit_checkpoint, audit_event, audit_head

PAGE = (Path(__file__).parents[2] / "docs" / "audit-format.md").read_text("utf-8")


def test_every_code_of_the_verifier_is_explained():
    source = Path(verifier.__file__).read_text("utf-8")
    codes = set(re.findall(r'\.(?:add|tell)\(\s*"([a-z-]+)"', source))
    codes |= {f"{prefix}-{code}" for prefix, code in (("checkpoint", "malformed"), ("witness", "signature"))}
    section = PAGE.split("## 9.")[1]
    explained = set(re.findall(r"`([a-z-]+)`", section))
    for start, code in re.findall(r"`(checkpoint|witness)-[a-z]+`((?:, `-[a-z]+`)+)", section):
        explained |= {f"{start}{more}" for more in re.findall(r"`(-[a-z]+)`", code)}
    assert codes <= explained, codes - explained


@pytest.mark.parametrize("table", [audit_event, audit_head, audit_checkpoint])
def test_every_column_is_described(table):
    section = PAGE.split("## 4.")[1].split("## 5.")[0]
    assert f"`{table.name}`" in section
    for column in table.columns:
        assert f"`{column.name}`" in section


def strangers_verdict(folder: Path, vkey: str) -> bool:
    """Sections 1, 2, 3, 5 and 7 of the page, and nothing else."""
    name, key_id, key = vkey.split("+", 2)
    public = base64.b64decode(key)[1:]

    def tree(leaves: list[bytes]) -> bytes:
        if len(leaves) < 2:
            return leaves[0] if leaves else hashlib.sha256(b"").digest()
        half = 1 << (len(leaves) - 1).bit_length() - 1
        return hashlib.sha256(b"\x01" + tree(leaves[:half]) + tree(leaves[half:])).digest()

    leaves: list[bytes] = []
    before = "00" * 32
    for line in (folder / "log.jsonl").read_bytes().split(b"\n")[:-1]:
        entry = json.loads(line)
        if (entry["seq"], entry["prev"]) != (len(leaves), before):
            return False
        leaves.append(hashlib.sha256(b"\x00" + line).digest())
        before = leaves[-1].hex()
    covered = 0
    for text, signature in re.findall("(.*?\n)\n\u2014 (.*?)\n\n", (folder / "checkpoints.txt").read_text(), re.DOTALL):
        origin, size, root = text.splitlines()
        raw = base64.b64decode(signature.split(" ")[1])
        Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
        if origin != name or raw[:4].hex() != key_id or tree(leaves[: int(size)]) != base64.b64decode(root):
            return False
        covered = max(covered, int(size))
    return covered == len(leaves) > 0


def test_a_verifier_written_from_the_page_alone_comes_to_the_same_verdict(house: House, tmp_path: Path):
    house.write(5)
    with house.engine.connect() as connection:
        write_export(connection, tmp_path / "export")
    assert strangers_verdict(tmp_path / "export", house.trust)
    log = tmp_path / "export" / "log.jsonl"
    log.write_bytes(log.read_bytes().replace(b"WB-000007", b"WB-000008"))
    assert not strangers_verdict(tmp_path / "export", house.trust)

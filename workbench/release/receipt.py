"""Receipts: proof for the sender that somebody who could decrypt the package did.

An HMAC-SHA-256 under the secret inside the encrypted manifest. It names no person and no patient.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime

import rfc8785

from workbench.records.errors import IntegrityBroken
from workbench.release.manifest import TIME_FORMAT, Manifest

FORMAT = "deid-workbench-receipt/1"
MOST_RECEIPT_BYTES = 1 << 16
_CONTEXT = b"workbench/receipt/v1\0"
_TEXTS = ("format", "manifest_sha256", "opened_at", "release", "mac")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was checked. `opened_at` is by the reader's clock, which nobody vouches for."""

    release: str
    manifest_sha256: str
    instances: int
    opened_at: str


def make_receipt(manifest: Manifest, *, opened_at: datetime) -> str:
    """Return the receipt for a package whose every file was verified, as one line of JSON."""
    body: dict[str, str | int] = {
        "format": FORMAT,
        "instances": manifest.counts.instances,
        "manifest_sha256": manifest.sha256,
        "opened_at": opened_at.strftime(TIME_FORMAT),
        "release": manifest.release,
    }
    body["mac"] = _mac(body, manifest.receipt_secret)
    return rfc8785.dumps(body).decode("utf-8") + "\n"


def read_release(text: str) -> str:
    """Return which release a receipt claims to be for. Not verified: only for finding the secret to check it with."""
    return str(_parse(text)["release"])


def check_receipt(text: str, secret: bytes, manifest_digest: str) -> Receipt:
    """Return the receipt when it was made with this release's secret.

    Raises `IntegrityBroken`: `receipt-malformed`, `receipt-other-release` when it names another manifest,
    `receipt-forged` when its maker did not know the secret.
    """
    body = _parse(text)
    mac = str(body.pop("mac"))
    if body["manifest_sha256"] != manifest_digest:
        raise _refused("receipt-other-release", "The receipt belongs to another release.")
    if not hmac.compare_digest(mac.encode("utf-8"), _mac(body, secret).encode("utf-8")):
        raise _refused("receipt-forged", "The receipt was not made by somebody who opened this package.")
    return Receipt(
        release=str(body["release"]),
        manifest_sha256=manifest_digest,
        instances=int(body["instances"]),
        opened_at=str(body["opened_at"]),
    )


def _parse(text: str) -> dict[str, str | int]:
    malformed = _refused("receipt-malformed", "This is not a receipt.")
    if len(text) > MOST_RECEIPT_BYTES:
        raise malformed
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise malformed from None
    if not isinstance(body, dict) or set(body) != {*_TEXTS, "instances"} or body["format"] != FORMAT:
        raise malformed
    texts = all(isinstance(body[name], str) and body[name].isprintable() for name in _TEXTS)
    count = body["instances"]
    if not texts or type(count) is not int or not 0 <= count < 2**53:
        raise malformed
    return body


def _mac(body: dict[str, str | int], secret: bytes) -> str:
    return hmac.digest(secret, _CONTEXT + rfc8785.dumps(body), "sha256").hex()


def _refused(code: str, message: str) -> IntegrityBroken:
    return IntegrityBroken(code, message, "Ask the reader for the file receipt.json from the opened package.")

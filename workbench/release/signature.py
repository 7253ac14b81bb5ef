"""Who signed a manifest: a C2SP signed note by the key of the log, over the digest of the manifest."""

import re
from pathlib import Path

from workbench.audit.note import Signer, VerifierKey, open_note, parse_note
from workbench.records.errors import IntegrityBroken, UsageError

MOST_SIGNATURE_BYTES = 1 << 16
# A checkpoint of the same key has the size of the log in its second line: neither text can pass for the other.
_FIRST_LINE = "deid-workbench package manifest v1"
_TEXT = re.compile(re.escape(_FIRST_LINE) + r"\nrelease (\S+)\nsha256 ([0-9a-f]{64})\n")


def sign_manifest(signer: Signer, *, release: str, sha256: str) -> str:
    """Return `manifest.sig`."""
    return signer.sign(f"{_FIRST_LINE}\nrelease {release}\nsha256 {sha256}\n")


def check_signature(note: bytes, *, sha256: str, trust: VerifierKey) -> str:
    """Return the release id that the trusted key signed together with this manifest digest.

    Raises `IntegrityBroken`: `package-not-signed` when the trusted key did not sign, `package-signature` when its
    signature is wrong, or is over another manifest.
    """
    try:
        text = open_note(note, [trust])
    except IntegrityBroken as error:
        if error.code == "note-unsigned":
            raise IntegrityBroken(
                "package-not-signed",
                "The package is not signed by the trusted key. " + _claimed(note),
                "Do not use it. Check the trust key with the sender, by telephone or in person.",
            ) from None
        raise _wrong("the signature of the manifest is wrong") from None
    found = _TEXT.fullmatch(text)
    if found is None or found[2] != sha256:
        raise _wrong("the manifest is not the one that was signed")
    return found[1]


def read_trust(value: str) -> VerifierKey:
    """Read a trust key: the one-line form, or the path of a file that holds it (`trust.vkey`)."""
    if "+" not in value or Path(value).is_file():
        try:
            with Path(value).open(encoding="ascii") as file:
                value = file.read(4096)
        except (OSError, ValueError):
            raise UsageError(
                "trust-key-unreadable",
                "The trust key is neither a key nor a file that can be read.",
                "Give the file trust.vkey that the sender handed over, or the one line in it.",
            ) from None
    return VerifierKey.parse(value)


def trust_missing(log_key: str, note: bytes, *, sha256: str) -> IntegrityBroken:
    """Say which key signed, for comparison by telephone. It proves nothing yet, hence an error."""
    claimed = VerifierKey.parse(log_key)
    check_signature(note, sha256=sha256, trust=claimed)
    return IntegrityBroken(
        "trust-missing",
        f"No trust key was given. The package says that it is signed by {claimed.name}, whose fingerprint is "
        f"{grouped(claimed.fingerprint)}. Anybody could have written that.",
        "Ask the sender for the file trust.vkey by another way than this package, compare its fingerprint by "
        "telephone, and give it with --trust. Nothing was unpacked.",
    )


def grouped(fingerprint: str) -> str:
    """Return a fingerprint in groups of four, as people read it out."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def _claimed(note: bytes) -> str:
    ids = ", ".join(line.key_id.hex() for line in parse_note(note).signatures)
    return f"It bears signatures by other keys only (key id {ids})."


def _wrong(why: str) -> IntegrityBroken:
    return IntegrityBroken(
        "package-signature",
        f"The package was altered: {why}.",
        "Do not use it. Ask the sender for the package again, and tell them about this message.",
    )

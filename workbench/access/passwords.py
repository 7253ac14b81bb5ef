"""Passwords: argon2id (RFC 9106), and what a new one must look like (NIST SP 800-63B: length, no composition rules)."""

import unicodedata
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from workbench.records.errors import UsageError

SHORTEST = 15
"""NIST SP 800-63B asks for 15 characters where the password is the only factor."""
LONGEST = 256
"""Longer input is refused before it is hashed, so that a sign-in cannot be made expensive."""
_COMMON = ("password", "passwort", "123456", "qwerty", "letmein", "welcome", "workbench", "changeme", "administrator")


@dataclass(frozen=True, slots=True)
class Passwords:
    """Makes and checks password hashes. The cost is argon2-cffi's default (RFC 9106, low-memory profile)."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    def hash(self, password: str) -> str:
        """Return the encoded argon2id hash with its own salt and parameters."""
        return self.hasher.hash(_normalized(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password belongs to the hash.

        Costs the same when there is no hash (no such account), so that the time of a refusal names no account.
        """
        if len(password) > LONGEST:
            return False
        known = password_hash is not None
        try:
            self.hasher.verify(password_hash or self._dummy(), _normalized(password))
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError):
            return False
        return known

    def needs_rehash(self, password_hash: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self.hasher.check_needs_rehash(password_hash)

    def _dummy(self) -> str:
        # same parameters as a real hash, a digest that no password gives
        h = self.hasher
        return f"$argon2id$v=19$m={h.memory_cost},t={h.time_cost},p={h.parallelism}$AAAAAAAAAAAAAAAAAAAAAA${'A' * 43}"


def check_new_password(password: str, *, name: str) -> None:
    """Refuse a new password that is too short, too long or easily guessed.

    Raises
    ------
    UsageError
        `password-too-short`, `password-too-long` or `password-too-common`; the message never repeats the password.
    """
    text = _normalized(password)
    if len(text) < SHORTEST:
        raise UsageError(
            "password-too-short",
            f"A password has at least {SHORTEST} characters.",
            "Several words with spaces are easy to remember and hard to guess.",
        )
    if len(text) > LONGEST:
        raise UsageError("password-too-long", f"A password has at most {LONGEST} characters.", "Choose a shorter one.")
    rest = text.casefold()
    for known in (*_COMMON, name.casefold()):
        rest = rest.replace(known, "") if known else rest
    if len(set(rest)) < 5 or len(rest) < SHORTEST // 2:
        raise UsageError(
            "password-too-common",
            "This password is too easily guessed (a common word, the sign-in name or a repetition).",
            "Use several unrelated words.",
        )


def _normalized(password: str) -> str:
    """Bring different keyboards' spellings of one text together (SP 800-63B: NFKC before hashing)."""
    return unicodedata.normalize("NFKC", password)

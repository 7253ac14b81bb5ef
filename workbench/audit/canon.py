"""The one spelling of an entry: canonical JSON as RFC 8785 has it, kept to a subset without surprises."""

from collections.abc import Mapping

import rfc8785

Plain = str | int | bool | list["Plain"] | dict[str, "Plain"]
"""What an entry may be made of. No null (what is absent is left out), no floating point (one number, one spelling)."""

_LARGEST = 2**53 - 1


def canonical(value: Mapping[str, Plain]) -> bytes:
    """Return the bytes that are hashed, stored and exported.

    Guarantees printable ASCII without a line end: such a line means the same to every JSON reader, and an export can
    hold one entry a line.

    Raises
    ------
    ValueError
        When the value holds anything but text of printable ASCII, integers up to 2**53 - 1, booleans, lists and
        objects.
    """
    _check(value)
    return rfc8785.dumps(dict(value))


def _check(value: object) -> None:
    if isinstance(value, str):
        if not (value.isascii() and value.isprintable()):
            raise ValueError("text in an entry must be printable ASCII")
    elif isinstance(value, Mapping):
        for key, member in value.items():
            if not isinstance(key, str):
                raise ValueError("keys in an entry are text")  # noqa: TRY004 - one exception type for one cause
            _check(key)
            _check(member)
    elif isinstance(value, list):
        for member in value:
            _check(member)
    elif not isinstance(value, int) or abs(value) > _LARGEST:
        raise ValueError("an entry holds text, integers up to 2**53 - 1, booleans, lists and objects only")

"""A value that is known to identify somebody or something: what free text is searched for."""

from enum import StrEnum
from typing import NamedTuple


class KnownKind(StrEnum):
    """What a known value is. The values name it in explanations, which never carry the value itself."""

    PATIENT = "the patient"
    PERSON = "another person"
    IDENTIFIER = "an identifier"
    CONTACT = "a telephone number or electronic address"
    ADDRESS = "an address"
    SITE = "an institution or place"
    DEVICE = "a device"
    DATE = "a date"


class KnownValue(NamedTuple):
    """One value as it was written, decoded. Bears identity: it stays in memory, or is sealed."""

    kind: KnownKind
    text: str


class Known(NamedTuple):
    """What is known when the texts of a patient are cleaned. Bears identity.

    `own` are the values of the patient's instances and of those linked with them; `others` are those of staff and sites
    that other patients of the same run name. Texts may repeat both; what is retained on purpose gives way to the first
    only, for another patient's staff is no reason to break the promise of a profile.
    """

    own: frozenset[KnownValue]
    others: frozenset[KnownValue] = frozenset()

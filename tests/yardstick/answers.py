"""The answer key: what must hold of each instance, in the terms of the public benchmark for DICOM de-identification."""

from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    """The ten kinds of checks. Text in pixels (`pixels_hidden`) is not planted while pixels are off."""

    TAG_RETAINED = "tag_retained"
    TEXT_NOTNULL = "text_notnull"
    TEXT_RETAINED = "text_retained"
    TEXT_REMOVED = "text_removed"
    DATE_SHIFTED = "date_shifted"
    UID_CHANGED = "uid_changed"
    UID_CONSISTENT = "uid_consistent"
    PATID_CONSISTENT = "patid_consistent"
    PIXELS_RETAINED = "pixels_retained"
    PIXELS_HIDDEN = "pixels_hidden"


REMOVING = {Action.TEXT_REMOVED, Action.DATE_SHIFTED, Action.UID_CHANGED, Action.PIXELS_HIDDEN}
"""Checks that an instance without output passes: what is not there says nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: an attribute by tag, or a private element by creator; `item` for a sequence."""

    tag: int
    creator: str = ""
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to check. `text` are the words or the value that it is about; `category` as `HIPAA-C`, `DICOM-...`."""

    path: tuple[Step, ...]
    action: Action
    text: str
    category: str


@dataclass(slots=True)
class Answer:
    """The key of one instance.

    `identity` are the words of a person, place or number that may stand nowhere in the output: the strict search.
    `stays` maps a kind of information to those of them that a profile may retain by promise.
    """

    file: str
    modality: str
    sop_class: str
    patient_id: str
    uids: tuple[str, str, str]
    pixels: str = ""
    checks: list[Check] = field(default_factory=list)
    identity: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)

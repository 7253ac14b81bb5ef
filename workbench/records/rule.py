"""A compiled rule: what the plan says of one attribute, and who says so."""

from dataclasses import dataclass

from workbench.records.action import Action


@dataclass(frozen=True, slots=True)
class Rule:
    """`code` is the code as the standard or the profile writes it (`X/Z/D`, `K`), `action` what it resolves to here.

    `origin` is a stable identifier such as `E.1-1 (0010,0010)`, `E.1-1 (0008,0060) RetainDeviceIdentity`,
    `unlisted LO`, `profile basic rule 3`; it is what `Change.rule` carries. `why` is the ground in words.
    `text` is the value for Action.SET. `kind` names the pseudonym for Action.CODE (`patient`, `study`, `accession`),
    and for Action.CLEAN (and CHECK of words) how the value is cleaned: `date` (DA TM DT: shifted or cut to the year),
    `text` (word by word), `term` (whole, when made of known terms), `age` (capped), `code` (a stable pseudonym of a
    device or site), `graphics`, `structured` (a tree of content items) and `number`. A sequence that is cleaned by
    cleaning its items has Action.KEEP. `vr` is what a table says of a private attribute, for files that wrote UN.
    `fallback` is what the type of the attribute allows (X, Z or D) when the action cannot be carried out: a value that
    CHECK does not recognise, that CLEAN cannot clean, or that is malformed for its VR.
    """

    code: str
    action: Action
    origin: str
    why: str = ""
    text: str = ""
    kind: str = ""
    fallback: Action = Action.REMOVE
    vr: str = ""

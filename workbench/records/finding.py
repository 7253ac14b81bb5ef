"""What the verifier has to say (on screen: privacy issue)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason to hold an instance back. Carries no value: what was found is named by kind, place and rule.

    `check` is the stable name of the check (kebab-case), `rule` the clause it enforces (for example
    `PS3.15 E.1-1` or `45 CFR 164.514(b)(2)(i)(A)`), `where` a path text or `file meta`, `preamble`,
    `bytes 4711`; `message` one sentence in the user's words; `instance` the index that the caller gave.
    """

    check: str
    rule: str
    where: str
    message: str
    instance: int = -1


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a reader of the report should know and that is no reason to hold anything back.

    The fields are those of a `Finding`.
    """

    check: str
    rule: str
    where: str
    message: str
    instance: int = -1


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that was not understood or not looked at, so that nothing is promised of it.

    `kind` is stable (kebab-case), `name` says what it is in the words of a dictionary or of the profile (a SOP class, a
    private creator that the profile lists), never in those of the file; `where` and `instance` as in a `Finding`.
    """

    kind: str
    name: str
    where: str
    instance: int = -1

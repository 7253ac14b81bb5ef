"""What was done to one element, and on what ground."""

from typing import NamedTuple

from workbench.records.action import Action


class Change(NamedTuple):
    """One element that differs between input and output (or was dropped with its surroundings).

    `path` is a path of `records.path`. `action` is the letter that was carried out, `rule` the identifier of the
    rule that decided (a row of Table E.1-1, a profile rule, or a rule for unlisted attributes; `profiles.explain`
    turns it into words). `before` and `after` are the raw value bytes; None means absent; a sequence that was
    removed or replaced whole has empty bytes. They bear identity: only `flow` may keep them, sealed.
    """

    path: tuple[int, ...]
    action: Action
    rule: str
    before: bytes | None
    after: bytes | None

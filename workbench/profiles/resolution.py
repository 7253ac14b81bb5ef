"""From a code of Table E.1-1 to one action, by the type of the attribute in its IOD (PS3.15 E.1.1)."""

from typing import NamedTuple

from workbench.records.action import Action

_NEEDED: dict[str | None, Action] = {
    None: Action.REMOVE,
    "3": Action.REMOVE,
    "2": Action.EMPTY,
    "2C": Action.EMPTY,
    "1": Action.DUMMY,
    "1C": Action.DUMMY,
}
_STRENGTH = {Action.REMOVE: 0, Action.EMPTY: 1, Action.DUMMY: 2}


class Resolved(NamedTuple):
    """The action, and whether the conformity guard overruled the code to keep the object valid."""

    action: Action
    guarded: bool = False


def needed(attribute_type: str | None) -> Action:
    """Return the least that an attribute of this type needs to stay valid: X, Z or D.

    An attribute of type 1C or 2C that is there was there because its condition held, so it counts as 1 or 2.
    """
    return _NEEDED[attribute_type]


def resolve(code: str, attribute_type: str | None, *, sequence: bool) -> Resolved:
    """Return the action of a code at a place of this type.

    A compound code gives its first letter that the type allows. Where no letter of the code is enough, conformity
    wins and the guard says so: X on Type 1 becomes D, X on Type 2 becomes Z, Z on Type 1 becomes D. A sequence that
    is conditional is removed as the code asks: no made-up item is worth more than none.
    """
    if code == "X/Z/U*":
        return Resolved(Action.KEEP)
    letters = [Action(letter) for letter in code.split("/")]
    if letters[0] not in _STRENGTH:
        return Resolved(letters[0])
    need = needed(attribute_type)
    if sequence and letters == [Action.REMOVE] and attribute_type in {"1C", "2C"}:
        need = Action.REMOVE
    for letter in letters:
        if _STRENGTH[letter] >= _STRENGTH[need]:
            return Resolved(letter)
    return Resolved(need, guarded=True)

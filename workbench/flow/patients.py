"""The pseudonyms of one person in one scope: recorded before anything is prepared, the same for ever after.

A person may come under several patient keys (two Patient IDs that were linked); all of them have the pseudonyms of the
first. Whoever comes under another key is refused, so that a wrong answer about identity never merges two people.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from workbench.audit.events import CrosswalkAssigned
from workbench.deid.pseudonyms import Codes, PatientPseudonyms, Pseudonyms, PseudonymSource, RandomPseudonyms, draw
from workbench.flow.home import Workbench
from workbench.flow.recording import Change, changing
from workbench.records.actor import Actor
from workbench.records.errors import InstanceRefused, IntegrityBroken
from workbench.records.pseudonym import Assigned
from workbench.store.persons import Member
from workbench.store.scopes import Scope

DERIVED: Final = "patient"
RANDOM: Final = "patient-random"
"""Kinds of lines in the crosswalk: a code that follows from the key of the scope, and one that was drawn."""


@dataclass(frozen=True, slots=True)
class OnePerson:
    """What a worker needs to know of the person whose study it prepares.

    `key` is the key under which the pseudonyms stand, `keys` are those that the instances may bear.
    """

    scope: Scope = field(repr=False)
    key: bytes = field(repr=False)
    keys: frozenset[bytes] = field(repr=False)
    assigned: Assigned = field(repr=False)
    random: bool = False

    def source(self) -> "OnePatient":
        """Return the pseudonyms, for one process."""
        if self.random:
            drawn = RandomPseudonyms({self.key: self.assigned}, scope=self.scope.id)
            return OnePatient(drawn, self.key, self.keys)
        return OnePatient(Pseudonyms(self.scope.key, scope=self.scope.id), self.key, self.keys)


class OnePatient:
    """Pseudonyms of one person, under whichever of their keys an object comes (a `PseudonymSource`)."""

    __slots__ = ("_all", "_keys", "_mine", "_source")

    def __init__(self, source: PseudonymSource, key: bytes, keys: frozenset[bytes]) -> None:
        self._source = source
        self._keys = keys
        self._mine = _Bound(source.of(key), key)

    def of(self, patient: bytes) -> PatientPseudonyms:
        """Return the pseudonyms of the person.

        Raises
        ------
        InstanceRefused
            `patient-differs`, when the object is not theirs.
        """
        if patient not in self._keys:
            raise InstanceRefused(
                "patient-differs",
                "This instance names another patient than the rest of its study.",
                "Have the Patient ID, name and birth date corrected at the source, then import again.",
            )
        return self._mine

    def forget(self) -> tuple[dict[bytes, bytes], Codes]:
        """Empty the memory and return what it held."""
        return self._source.forget()


class _Bound:
    """Pseudonyms that give one patient code, whichever key the object bears."""

    __slots__ = ("_key", "_pseudonyms", "uid")

    def __init__(self, pseudonyms: PatientPseudonyms, key: bytes) -> None:
        self._pseudonyms = pseudonyms
        self._key = key
        self.uid = pseudonyms.uid

    @property
    def offset_days(self) -> int:
        return self._pseudonyms.offset_days

    def code(self, kind: str, original: bytes, prefix: str = "") -> bytes:
        return self._pseudonyms.code(kind, self._key if kind == "patient" else original, prefix)


def one_person(
    workbench: Workbench, actor: Actor, scope: Scope, group: Sequence[Member], *, study: str, random: bool
) -> OnePerson:
    """Return the pseudonyms of a person in a scope, after making sure that the crosswalk has them.

    What is drawn is drawn once, and recorded with an entry before anything is prepared with it: who prepares later, or
    at the same time, gets the same.

    Raises
    ------
    IntegrityBroken
        `crosswalk-differs`, when the crosswalk says something else than the key of the scope.
    """
    key, kind = group[0].key, RANDOM if random else DERIVED
    with workbench.database.reading() as reading:
        found = reading.scopes.drawn(scope.id, kind=kind, source=key.hex())
    if found is None:
        with changing(workbench) as change:
            found = change.scopes.drawn(scope.id, kind=kind, source=key.hex())
            if found is None:
                found = _draw(change, scope, key, random=random)
                change.scopes.draw(scope.id, kind=kind, source=key.hex(), drawn=found, at=workbench.clock())
                change.record(CrosswalkAssigned(scope=scope.id, study=study, random=random), actor=actor)
    if not random:
        derived = _derive(scope, key)
        if not found.code.endswith(derived.code) or found.offset_days != derived.offset_days:
            raise IntegrityBroken(
                "crosswalk-differs",
                "The crosswalk of the scope has another code or date offset for this patient than its key gives.",
                "Nothing was prepared. Run `workbench audit verify`: the database may have been altered.",
            )
        found = derived  # lines of older versions hold the code with the prefix of their profile
    keys = frozenset(bytes.fromhex(member.identity["patient"]) for member in group)
    return OnePerson(scope, key, keys, found, random)


def _draw(change: Change, scope: Scope, key: bytes, *, random: bool) -> Assigned:
    if not random:
        return _derive(scope, key)
    drawn = draw(secrets.token_bytes)
    while change.scopes.source_of(scope.id, kind=RANDOM, value=drawn.code) is not None:
        drawn = draw(secrets.token_bytes)
    return drawn


def _derive(scope: Scope, key: bytes) -> Assigned:
    pseudonyms = Pseudonyms(scope.key, scope=scope.id)
    return Assigned(pseudonyms.code("patient", key).decode(), pseudonyms.of(key).offset_days, b"")

"""Rules for burned-in text that a site has, who proposed and who approved them, and what they were learned from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from workbench.records.errors import WrongState
from workbench.store.repository import Repository, missing
from workbench.store.rule_tables import RuleState, device_sighting, pixel_rule
from workbench.store.tables import PreparationState, preparation

_OPEN = (RuleState.PROPOSED.value, RuleState.APPROVED.value)


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as plain data (`pixels.region_rules.to_json`), with its digest.

    `origin` is `site` or `learned`. A learned one rests on `studies` of the `seen` studies of its device, as they were
    counted when it was proposed.
    """

    digest: str
    plain: Mapping[str, Any] = field(repr=False)
    origin: str = "site"
    studies: int = 0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule as read. `entry` is the number of the entry of the log that proves its approval; 0 without one."""

    id: str
    state: RuleState
    new: NewRule
    entry: int
    solo: bool
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None
    decided_by: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None


class PixelRules(Repository):
    """Rows of `pixel_rule` and `device_sighting`."""

    def propose(self, new: NewRule, *, by: str, at: datetime) -> StoredRule:
        """Add a rule that waits for a second person.

        Raises
        ------
        WrongState
            `rule-known`: the same rule waits or is approved already.
        """
        same = select(pixel_rule.c.id).where(pixel_rule.c.digest == new.digest, pixel_rule.c.state.in_(_OPEN))
        if self._first(same) is not None:
            raise WrongState("rule-known", "There is this rule already.", "See `workbench pixels rules list`.")
        row = f"RL-{self._next('pixel_rule'):06d}"
        self._write(
            insert(pixel_rule).values(
                id=row,
                state=RuleState.PROPOSED.value,
                origin=new.origin,
                digest=new.digest,
                study_count=new.studies,
                seen_count=new.seen,
                entry=0,
                solo=0,
                proposed_at=at,
                proposed_by=by,
                sealed=self._seal("pixel.rule", row, {"rule": new.plain}),
            )
        )
        return self.get(row)

    def decide(self, rule_id: str, to: RuleState, *, by: str, at: datetime, entry: int, solo: bool = False) -> None:
        """Approve or reject a proposed rule.

        Raises
        ------
        WrongState
            `rule-decided`.
        """
        values = {"state": to.value, "decided_by": by, "decided_at": at, "entry": entry, "solo": int(solo)}
        self._move(rule_id, RuleState.PROPOSED, values, "The rule was decided about already.")

    def withdraw(self, rule_id: str, *, by: str, at: datetime) -> None:
        """Take an approved rule back.

        Raises
        ------
        WrongState
            `rule-decided`.
        """
        values = {"state": RuleState.WITHDRAWN.value, "withdrawn_by": by, "withdrawn_at": at}
        self._move(rule_id, RuleState.APPROVED, values, "The rule is not approved.")

    def get(self, rule_id: str) -> StoredRule:
        """Return a rule.

        Raises
        ------
        UsageError
            `rule-unknown`.
        """
        row = self._first(select(pixel_rule).where(pixel_rule.c.id == rule_id))
        if row is None:
            raise missing("rule")
        return self._rule(row)

    def all(self, *states: RuleState) -> tuple[StoredRule, ...]:
        """Return rules by number, those in the given states only, if there are some."""
        wanted = select(pixel_rule).order_by(pixel_rule.c.id)
        if states:
            wanted = wanted.where(pixel_rule.c.state.in_([state.value for state in states]))
        return tuple(self._rule(row) for row in self._all(wanted))

    def keep_sightings(self, preparation_id: str, plain: Iterable[Mapping[str, Any]]) -> None:
        """Keep where the devices of a version were blackened; `images` counts the images of each."""
        rows = [
            {
                "preparation": preparation_id,
                "position": position,
                "image_count": each["images"],
                "sealed": self._seal("device.sighting", f"{preparation_id}|{position}", each),
            }
            for position, each in enumerate(plain)
        ]
        self._write(insert(device_sighting), rows)

    def approved_sightings(self) -> dict[str, tuple[dict[str, Any], ...]]:
        """Return what approved versions show, by study: of each study its newest approved version, the oldest first."""
        wanted = (
            select(device_sighting, preparation.c.study, preparation.c.number)
            .join(preparation, preparation.c.id == device_sighting.c.preparation)
            .where(preparation.c.state == PreparationState.APPROVED.value)
            .order_by(preparation.c.approved_at, preparation.c.id, device_sighting.c.position)
        )
        newest: dict[str, int] = {}
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self._all(wanted):
            if newest.get(row.study, 0) < row.number:
                found.pop(row.study, None)
                newest[row.study], found[row.study] = row.number, []
            if newest[row.study] == row.number:
                opened = self._unseal("device.sighting", f"{row.preparation}|{row.position}", row.sealed)
                found[row.study].append(opened)
        return {study: tuple(each) for study, each in found.items()}

    def _move(self, rule_id: str, expected: RuleState, values: Mapping[str, Any], message: str) -> None:
        self.get(rule_id)
        mine = (pixel_rule.c.id == rule_id) & (pixel_rule.c.state == expected.value)
        if self._write(update(pixel_rule).where(mine).values(values)) != 1:
            raise WrongState("rule-decided", message, "See `workbench pixels rules list`.")

    def _rule(self, row: Any) -> StoredRule:
        plain = self._unseal("pixel.rule", row.id, row.sealed)["rule"]
        return StoredRule(
            row.id,
            RuleState(row.state),
            NewRule(row.digest, plain, row.origin, row.study_count, row.seen_count),
            row.entry,
            bool(row.solo),
            row.proposed_at,
            row.proposed_by,
            row.decided_at,
            row.decided_by,
            row.withdrawn_at,
            row.withdrawn_by,
        )

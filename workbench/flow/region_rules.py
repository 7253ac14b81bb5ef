"""The rules that a site has for burned-in text: proposed by one person, approved by another, applied by `prepare`.

A rule counts only while the signed log proves its approval. Learned rules are for one version of a device's software:
with the next version they match nothing any more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.access.policy import Permission, demand, demand_second_person
from workbench.audit.events import PixelRuleApproved, PixelRuleProposed, PixelRuleRejected, PixelRuleWithdrawn
from workbench.flow.home import Workbench, is_solo
from workbench.flow.reasons import commitment, given_reason
from workbench.flow.recording import Change, changing, recording_denials
from workbench.flow.step import Prepared
from workbench.pixels.layout import Area
from workbench.pixels.learned_rules import LEAST_STUDIES, Device, Learned, Sighting, learn, sightings
from workbench.pixels.region_rules import DeviceRule, digest_of, from_json, to_json
from workbench.pixels.rule_files import check_rule, in_words
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken, UsageError, WrongState
from workbench.store.pixel_rules import NewRule, StoredRule
from workbench.store.rule_tables import RuleState
from workbench.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule, as shown. `expired`: the newest approved images of the device are of another version of its software.

    `studies` and `seen` say what a learned rule rests on: so many of so many studies of its device.
    """

    rule: str
    state: str
    origin: str
    name: str
    condition: str
    areas: tuple[Area, ...]
    outside: bool
    studies: int
    seen: int
    expired: bool
    digest: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    single_person: bool


def list_rules(workbench: Workbench, actor: Actor, *, proposed: bool = False) -> tuple[RuleRow, ...]:
    """List the rules of the site by number; only those that wait for a second person, if asked so.

    Raises
    ------
    NotPermitted
        Without the permission.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.STUDY_VIEW)
        with workbench.database.reading() as reading:
            rules = reading.pixel_rules.all(*([RuleState.PROPOSED] if proposed else []))
            return _rows(reading, rules)


def show_rule(workbench: Workbench, actor: Actor, *, rule: str) -> tuple[RuleRow, DeviceRule]:
    """Return one rule, as shown and as it is.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `rule-unknown`.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.STUDY_VIEW)
        with workbench.database.reading() as reading:
            found = reading.pixel_rules.get(rule)
            (row,) = _rows(reading, [found])
            return row, from_json(found.new.plain)


def propose_rules(workbench: Workbench, actor: Actor, *, rules: Iterable[DeviceRule]) -> tuple[RuleRow, ...]:
    """Propose rules; each waits for a second person. All of them or none.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `rule-unfit`.
    WrongState
        `rule-known`.
    """
    given = tuple(rules)
    for number, each in enumerate(given, 1):
        check_rule(each, number)
    new = [NewRule(digest_of([each]), to_json(each)) for each in given]
    with recording_denials(workbench, actor):
        demand(actor, Permission.PIXEL_RULE_ADD)
        with changing(workbench) as change:
            stored = [_propose(workbench, change, actor, each) for each in new]
            return _rows(change.transaction, stored)


def learn_rules(workbench: Workbench, actor: Actor, *, at_least: int) -> tuple[RuleRow, ...]:
    """Propose the rules that approved versions suggest and that nobody decided about yet.

    What was rejected or withdrawn before is not proposed again, unless the areas changed since.

    Parameters
    ----------
    at_least
        Studies in which each pixel of a rule was blackened.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `studies-too-few`.
    """
    if at_least < LEAST_STUDIES:
        raise UsageError("studies-too-few", "One study is no pattern.", f"Give --studies {LEAST_STUDIES} or more.")
    with recording_denials(workbench, actor):
        demand(actor, Permission.PIXEL_RULE_ADD)
        with changing(workbench) as change:
            known = {each.new.digest for each in change.pixel_rules.all()}
            found = (_new_of(each) for each in learn(_sightings(change.transaction), at_least=at_least))
            stored = [_propose(workbench, change, actor, new) for new in found if new.digest not in known]
            return _rows(change.transaction, stored)


def approve_rule(workbench: Workbench, actor: Actor, *, rule: str) -> RuleRow:
    """Approve a rule that somebody else proposed. It is applied from now on.

    Raises
    ------
    NotPermitted
        Without the permission; `second-person-needed`.
    UsageError, WrongState
        `rule-unknown`; `rule-decided`.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.PIXEL_RULE_DECIDE)
        with changing(workbench) as change:
            found = _expecting(change, rule, RuleState.PROPOSED)
            allowed_alone = is_solo(change.transaction)
            demand_second_person(actor, involved={found.proposed_by}, solo=allowed_alone)
            alone = actor.user_id == found.proposed_by
            event = PixelRuleApproved(
                rule=found.id, rule_digest=found.new.digest, proposed_by=found.proposed_by, single_person=alone
            )
            entry = change.record(event, actor=actor)
            change.pixel_rules.decide(
                found.id, RuleState.APPROVED, by=actor.user_id, at=workbench.clock(), entry=entry.seq, solo=alone
            )
            return _rows(change.transaction, [change.pixel_rules.get(found.id)])[0]


def reject_rule(workbench: Workbench, actor: Actor, *, rule: str, reason: str) -> RuleRow:
    """Turn a proposed rule down.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError, WrongState
        `rule-unknown`, `reason-missing`; `rule-decided`.
    """

    def decide(change: Change, found: StoredRule, entry: int) -> None:
        now = workbench.clock()
        change.pixel_rules.decide(found.id, RuleState.REJECTED, by=actor.user_id, at=now, entry=entry)

    return _with_reason(
        workbench, actor, rule, reason, expected=RuleState.PROPOSED, kind=PixelRuleRejected, take=decide
    )


def withdraw_rule(workbench: Workbench, actor: Actor, *, rule: str, reason: str) -> RuleRow:
    """Take an approved rule back. What was prepared with it stays as it is.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError, WrongState
        `rule-unknown`, `reason-missing`; `rule-decided`.
    """

    def withdraw(change: Change, found: StoredRule, _entry: int) -> None:
        change.pixel_rules.withdraw(found.id, by=actor.user_id, at=workbench.clock())

    return _with_reason(
        workbench, actor, rule, reason, expected=RuleState.APPROVED, kind=PixelRuleWithdrawn, take=withdraw
    )


def approved_rules(workbench: Workbench) -> tuple[DeviceRule, ...]:
    """Return the rules that `prepare` applies, by number.

    Raises
    ------
    IntegrityBroken
        `rule-differs`: the log does not prove the approval that the database tells of.
    """
    with workbench.database.reading() as reading:
        found = reading.pixel_rules.all(RuleState.APPROVED)
        return tuple(_proven(reading, each) for each in found)


def sightings_of(prepared: Iterable[tuple[Device | None, object]]) -> tuple[dict[str, Any], ...]:
    """Return where the devices of a study were blackened, as plain data: what rules are learned from.

    Parameters
    ----------
    prepared
        The device of each instance, and what became of it; those without an output count for nothing.
    """
    outcomes = ((device, outcome) for device, outcome in prepared if isinstance(outcome, Prepared))
    seen = sightings((device, outcome.redaction) for device, outcome in outcomes if not outcome.findings)
    return tuple(each.plain() for each in seen)


def _proven(reading: Transaction, one: StoredRule) -> DeviceRule:
    rule = from_json(one.new.plain)
    entry = reading.ledger.proven(one.entry)
    told = (entry.kind, entry.actor, entry.data.get("rule"), entry.data.get("rule_digest"))
    if told != (PixelRuleApproved.kind, one.decided_by, one.id, digest_of([rule])):
        raise IntegrityBroken(
            "rule-differs",
            "The log has no approval of a rule for burned-in text, though the database says so.",
            "Nothing was prepared. Run `workbench audit verify`: the database may have been altered.",
        )
    return rule


def _propose(workbench: Workbench, change: Change, actor: Actor, new: NewRule) -> StoredRule:
    stored = change.pixel_rules.propose(new, by=actor.user_id, at=workbench.clock())
    event = PixelRuleProposed(
        rule=stored.id, origin=new.origin, rule_digest=new.digest, studies=new.studies, seen=new.seen
    )
    change.record(event, actor=actor)
    return stored


def _with_reason(
    workbench: Workbench,
    actor: Actor,
    rule: str,
    reason: str,
    *,
    expected: RuleState,
    kind: type[PixelRuleRejected] | type[PixelRuleWithdrawn],
    take: Callable[[Change, StoredRule, int], None],
) -> RuleRow:
    with recording_denials(workbench, actor):
        demand(actor, Permission.PIXEL_RULE_DECIDE)
        text = given_reason(reason)
        with changing(workbench) as change:
            found = _expecting(change, rule, expected)
            event = kind(rule=found.id, rule_digest=found.new.digest, reason_commitment=commitment(workbench, text))
            entry = change.record(event, actor=actor)
            change.assurances.keep_text(entry.seq, text)
            take(change, found, entry.seq)
            return _rows(change.transaction, [change.pixel_rules.get(found.id)])[0]


def _expecting(change: Change, rule: str, state: RuleState) -> StoredRule:
    found = change.pixel_rules.get(rule)
    if found.state is not state:
        raise WrongState("rule-decided", f"The rule is {found.state.value}.", "See `workbench pixels rules list`.")
    return found


def _new_of(learned: Learned) -> NewRule:
    rule = learned.rule()
    return NewRule(digest_of([rule]), to_json(rule), "learned", learned.studies, learned.seen)


def _sightings(reading: Transaction) -> list[tuple[Sighting, ...]]:
    return [tuple(map(Sighting.of, study)) for study in reading.pixel_rules.approved_sightings().values()]


def _rows(reading: Transaction, rules: Iterable[StoredRule]) -> tuple[RuleRow, ...]:
    found = tuple(rules)
    names = reading.accounts.names()
    learned = any(each.new.origin == "learned" for each in found)
    newest = (
        {_without_version(each.device): each.device for study in _sightings(reading) for each in study}
        if learned
        else {}
    )
    return tuple(_row(each, names, newest) for each in found)


def _row(one: StoredRule, names: dict[str, str], newest: dict[Device, Device]) -> RuleRow:
    rule = from_json(one.new.plain)
    return RuleRow(
        rule=one.id,
        state=one.state.value,
        origin=one.new.origin,
        name=rule.name,
        condition=in_words(rule.when),
        areas=rule.areas,
        outside=rule.outside,
        studies=one.new.studies,
        seen=one.new.seen,
        expired=one.new.origin == "learned" and _is_expired(rule, newest),
        digest=one.new.digest,
        proposed_by=names.get(one.proposed_by, ""),
        proposed_at=one.proposed_at,
        decided_by=names.get(one.decided_by or "", ""),
        decided_at=one.decided_at,
        single_person=one.solo,
    )


def _without_version(device: Device) -> Device:
    return device._replace(software="", layout="", rows="", columns="")


def _is_expired(rule: DeviceRule, newest: dict[Device, Device]) -> bool:
    device = Device.of_rule(rule)
    now = newest.get(_without_version(device))
    return now is not None and now.software != device.software

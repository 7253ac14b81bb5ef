"""Events about the rules that a site has for burned-in text. Imported through `audit.events`."""

from workbench.audit.event import Event, event
from workbench.audit.shapes import Digest, Id, Word


@event("pixel-rule.proposed")
class PixelRuleProposed(Event):
    """Somebody proposed a rule. A learned one rests on `studies` of the `seen` studies of its device."""

    rule: Id
    origin: Word
    rule_digest: Digest
    studies: int
    seen: int


@event("pixel-rule.approved", urgent=True)
class PixelRuleApproved(Event):
    """A second person approved exactly this rule; it is applied from now on."""

    rule: Id
    rule_digest: Digest
    proposed_by: Id
    single_person: bool = False


@event("pixel-rule.rejected")
class PixelRuleRejected(Event):
    """A proposed rule was turned down."""

    rule: Id
    rule_digest: Digest
    reason_commitment: Digest | None = None


@event("pixel-rule.withdrawn", urgent=True)
class PixelRuleWithdrawn(Event):
    """An approved rule was taken back; it is not applied any more."""

    rule: Id
    rule_digest: Digest
    reason_commitment: Digest | None = None

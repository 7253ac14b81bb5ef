"""Entries of the log in words. A kind without a sentence shows its name; a test sees to it that none is missing."""

import re
from collections.abc import Mapping
from typing import Any, Final

SENTENCES: Final[dict[str, str]] = {
    "home.init": "The home was made.",
    "home.started": "The workbench was started.",
    "home.settings": "Settings changed.",
    "home.upgraded": "The database was brought to a newer version.",
    "identity.asked": "Somebody has to say whose this is ({code}).",
    "identity.answered": "It was answered whose this is: another person's.",
    "patient.linked": "Two patients were found to be one person.",
    "patient.parted": "What counted as one person was found to be two.",
    "crosswalk.assigned": "A patient code was recorded in the crosswalk.",
    "instances.rejected": "Its source rejected instances ({code}): {named} named, {here} here.",
    "determination.recorded": "An expert determination was recorded for profile {profile}.",
    "profile.tested": "Profile {profile} was tested on planted items: {leaked} of {planted} came through.",
    "profile.activated": "Profile {profile} was activated.",
    "pixel-rule.proposed": "A rule for burned-in text was proposed ({origin}).",
    "pixel-rule.approved": "A rule for burned-in text was approved by a second person.",
    "pixel-rule.rejected": "A rule for burned-in text was turned down.",
    "pixel-rule.withdrawn": "A rule for burned-in text was withdrawn.",
    "recipient.agreement": "A data use agreement with a recipient was recorded.",
    "key.created": "A key was made ({purpose}).",
    "key.rotated": "A key was replaced ({purpose}).",
    "log.verified": "The log was verified: {size} entries.",
    "log.read": "Entries of the log were read: {entries}.",
    "log.exported": "The log was exported: {entries} entries.",
    "log.checkpoint": "A checkpoint over {size} entries was handed out.",
    "log.restored": "A restore from a backup was acknowledged by two people.",
    "account.created": "An account was added.",
    "account.disabled": "An account was disabled.",
    "account.enabled": "An account was enabled.",
    "account.roles": "The roles of an account changed.",
    "account.password": "A password changed.",
    "session.opened": "Signed in.",
    "session.refused": "A sign-in was refused ({reason}).",
    "session.closed": "Signed out ({cause}).",
    "permission.denied": "A step was refused ({rule}).",
    "import.started": "An import began.",
    "import.completed": "An import ended: {instances} instances, {quarantined} set aside, {duplicates} here before.",
    "series.imported": "A series arrived: {instances} instances.",
    "study.received": "The study arrived: {series} series, {instances} instances.",
    "instance.quarantined": "An input went into quarantine ({code}).",
    "study.quarantined": "Put into quarantine ({code}).",
    "quarantine.accepted": "Taken out of quarantine.",
    "quarantine.discarded": "Discarded.",
    "series.prepared": "A series was prepared and verified: {instances} instances, {held} held back.",
    "study.prepared": "Prepared and verified with profile {profile}: {instances} instances, {held} held back.",
    "study.verified": "Verified again: {instances} instances, {held} held back.",
    "study.submitted": "Submitted for approval.",
    "study.approved": "Approved by a second person: {instances} instances.",
    "study.returned": "Returned.",
    "study.withdrawn": "The approval was withdrawn.",
    "study.viewed": "The study was looked at, with concealed values.",
    "value.revealed": "An original value was shown.",
    "crosswalk.read": "Codes were turned back into identifiers.",
    "report.made": "A report was made ({report}).",
    "recipient.added": "A recipient was added.",
    "recipient.disabled": "A recipient was disabled.",
    "release.created": "Released: {instances} instances in one package.",
    "release.delivered": "The package was delivered ({channel}).",
    "release.expired": "The release expired.",
    "release.revoked": "The release was revoked.",
    "receipt.recorded": "The recipient's receipt was recorded.",
    "receipt.refused": "A receipt was refused ({code}).",
}


_SIGNED_OUT: Final = {
    "sign-out": "Signed out.",
    "idle": "Signed out: no activity for too long.",
    "absolute": "Signed out: the session had lasted its full time.",
    "revoked": "Signed out: the session was ended.",
}
_SINGULAR: Final = {"instances": "instance", "entries": "entry"}
_ONE: Final = re.compile(rf"(?<![0-9])1 ({'|'.join(_SINGULAR)})\b")


def say(kind: str, data: Mapping[str, Any]) -> str:
    """Return what an entry says, in one sentence."""
    sentence = SENTENCES.get(kind, kind)
    if kind == "log.verified" and not data.get("ok", True):
        sentence = "The log was verified and found BROKEN: {size} entries."
    if kind == "session.closed":
        sentence = _SIGNED_OUT.get(str(data.get("cause")), sentence)
    if kind == "identity.answered" and data.get("same"):
        sentence = "It was answered whose this is: the same person's."
    if kind == "study.prepared" and data.get("unchanged"):
        sentence += " {unchanged} unchanged since the version before."
    if kind == "study.approved" and data.get("single_person"):
        sentence = "Approved, single-person approval: {instances} instances."
    if kind == "pixel-rule.approved" and data.get("single_person"):
        sentence = "A rule for burned-in text was approved, single-person approval."
    told = sentence.format_map({name: value for name, value in data.items() if not isinstance(value, dict | list)})
    return _ONE.sub(lambda found: f"1 {_SINGULAR[found[1]]}", told)

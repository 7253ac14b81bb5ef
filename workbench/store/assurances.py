"""What people outside vouch for: expert determinations of a profile, agreements with a recipient.

With that, the texts that an entry of the log commits to.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select, update

from workbench.store.person_tables import agreement, determination, entry_note
from workbench.store.repository import Repository, new_id


@dataclass(frozen=True, slots=True)
class Determination:
    """An expert's finding that the risk is very small, 45 CFR 164.514(b)(1): of exactly one profile, for a time."""

    id: str
    profile: str
    profile_digest: str
    expires_at: datetime
    recorded_at: datetime
    recorded_by: str
    expert: str = field(repr=False)
    reference: str = field(repr=False)


class Assurances(Repository):
    """Rows of `determination`, `agreement` and `entry_note`."""

    def determine(
        self,
        *,
        profile: str,
        profile_digest: str,
        expert: str,
        reference: str,
        expires_at: datetime,
        by: str,
        at: datetime,
    ) -> Determination:
        """Keep a determination. Expert and reference are sealed."""
        row = new_id()
        self._write(
            insert(determination).values(
                id=row,
                profile=profile,
                profile_digest=profile_digest,
                expires_at=expires_at,
                recorded_at=at,
                recorded_by=by,
                sealed=self._seal("determination", row, {"expert": expert, "reference": reference}),
            )
        )
        return Determination(row, profile, profile_digest, expires_at, at, by, expert, reference)

    def determinations(self, *, profile_digest: str = "") -> tuple[Determination, ...]:
        """Return determinations, the one that holds longest first; of one profile when its digest is given."""
        wanted = select(determination).order_by(determination.c.expires_at.desc(), determination.c.id)
        if profile_digest:
            wanted = wanted.where(determination.c.profile_digest == profile_digest)
        found = []
        for row in self._all(wanted):
            told = self._unseal("determination", row.id, row.sealed)
            found.append(
                Determination(
                    row.id,
                    row.profile,
                    row.profile_digest,
                    row.expires_at,
                    row.recorded_at,
                    row.recorded_by,
                    told["expert"],
                    told["reference"],
                )
            )
        return tuple(found)

    def agree(self, recipient_id: str, *, reference: str, by: str, at: datetime) -> None:
        """Keep the reference of the data use agreement with a recipient (sealed), in place of an earlier one."""
        sealed = self._seal("recipient.agreement", recipient_id, {"reference": reference})
        values = {"sealed": sealed, "recorded_at": at, "recorded_by": by}
        known = update(agreement).where(agreement.c.recipient == recipient_id)
        if self._write(known.values(values)) == 0:
            self._write(insert(agreement).values(recipient=recipient_id, **values))

    def agreement(self, recipient_id: str) -> str:
        """Return the reference of the data use agreement with a recipient, empty when there is none."""
        row = self._first(select(agreement.c.sealed).where(agreement.c.recipient == recipient_id))
        return "" if row is None else str(self._unseal("recipient.agreement", recipient_id, row.sealed)["reference"])

    def keep_text(self, seq: int, text: str) -> None:
        """Keep the text that an entry of the log commits to (sealed)."""
        sealed = self._seal("entry.note", str(seq), {"text": text})
        # the change is the entry's; this is what it says in words
        self._write(insert(entry_note).values(seq=seq, sealed=sealed), audited=False)

    def text(self, seq: int) -> str:
        """Return the text that an entry commits to, empty when there is none (any more)."""
        row = self._first(select(entry_note.c.sealed).where(entry_note.c.seq == seq))
        return "" if row is None else str(self._unseal("entry.note", str(seq), row.sealed)["text"])

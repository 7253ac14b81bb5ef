"""Recipients, releases, what is in them, and the receipts that came back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from workbench.records.errors import UsageError, WrongState
from workbench.records.states import ReleaseState
from workbench.store.repository import Repository, missing, new_id
from workbench.store.tables import (
    PreparationState,
    preparation,
    receipt,
    recipient,
    release,
    release_item,
)

if TYPE_CHECKING:
    from sqlalchemy import Row


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person or organisation outside. `age_key` is their public X25519 key; `account` theirs here, if any."""

    id: str
    name: str
    age_key: str
    account: str | None
    enabled: bool
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class NewRelease:
    """A release to add. `receipt_secret` and the free texts are sealed.

    Its id comes from `Releases.next_id`, since package and manifest bear it before the row is written.
    """

    id: str
    recipient: str
    preparations: tuple[str, ...]
    purpose: str
    basis: str
    expires_at: datetime
    package_digest: str
    package_size: int
    manifest_digest: str
    receipt_secret: bytes = field(repr=False)
    solo: bool = False
    instances: Mapping[str, int] = field(default_factory=dict)
    """How many instances of each preparation are in the package; without it all outputs."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release."""

    id: str
    state: ReleaseState
    recipient: str
    purpose: str
    basis: str
    expires_at: datetime
    package_digest: str
    package_size: int
    manifest_digest: str
    study_count: int
    instance_count: int
    solo: bool
    created_by: str
    created_at: datetime
    changed_at: datetime
    revoked_by: str | None
    revoke_reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReleaseItem:
    """One preparation in a release."""

    release: str
    study: str
    preparation: str
    root: str
    instances: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the recipient's side sent back."""

    release: str
    digest: str
    opened_at: datetime
    recorded_at: datetime
    recorded_by: str
    text: str


class Recipients(Repository):
    """Rows of `recipient`."""

    def add(
        self, *, name: str, age_key: str, created_by: str, at: datetime, account_id: str | None = None
    ) -> Recipient:
        """Add a recipient.

        Raises
        ------
        UsageError
            `recipient-exists`, `recipient-name-invalid`.
        """
        folded = _folded(name)
        if self._exists(recipient, "folded_name", folded):
            raise UsageError("recipient-exists", "There is a recipient with this name.", "Use it, or another name.")
        row = new_id()
        self._write(
            insert(recipient).values(
                id=row,
                name=name.strip(),
                folded_name=folded,
                age_key=age_key,
                account=account_id,
                enabled=1,
                created_at=at,
                created_by=created_by,
            )
        )
        return self.get(row)

    def get(self, recipient_id: str) -> Recipient:
        """Return a recipient.

        Raises
        ------
        UsageError
            `recipient-unknown`.
        """
        return self._one(recipient.c.id == recipient_id)

    def named(self, name: str) -> Recipient | None:
        """Find by name, upper and lower case being the same."""
        try:
            return self._one(recipient.c.folded_name == name.strip().casefold())
        except UsageError:
            return None

    def all(self) -> tuple[Recipient, ...]:
        """Return every recipient by name."""
        return tuple(_recipient_of(row) for row in self._all(select(recipient).order_by(recipient.c.folded_name)))

    def disable(self, recipient_id: str) -> None:
        """Let nothing more be released to a recipient."""
        self._write(update(recipient).where(recipient.c.id == recipient_id).values(enabled=0))

    def _one(self, condition: Any) -> Recipient:
        row = self._first(select(recipient).where(condition))
        if row is None:
            raise missing("recipient")
        return _recipient_of(row)


class Releases(Repository):
    """Rows of `release`, `release_item` and `receipt`."""

    def next_id(self) -> str:
        """Return the id of a release to be made (`RL-000001`). A package that fails leaves a gap, never a double."""
        return f"RL-{self._next('release'):06d}"

    def add(self, new: NewRelease, *, by: str, at: datetime) -> Release:
        """Add a release of approved preparations.

        Raises
        ------
        WrongState
            `release-not-approved` when one of them is not approved (any more): nothing leaves unapproved.
        UsageError
            `release-empty`.
        """
        chosen = self._all(select(preparation).where(preparation.c.id.in_(new.preparations)))
        if not chosen or len(chosen) != len(set(new.preparations)):
            raise UsageError("release-empty", "A release needs studies that are here.", "Name approved studies.")
        if any(row.state != PreparationState.APPROVED.value for row in chosen):
            raise WrongState(
                "release-not-approved",
                "A study in this release is not approved, or not any more.",
                "Have it approved, then make the release again.",
            )
        self._write(
            insert(release).values(
                id=new.id,
                state=ReleaseState.CREATED.value,
                recipient=new.recipient,
                expires_at=new.expires_at,
                package_digest=new.package_digest,
                package_size=new.package_size,
                manifest_digest=new.manifest_digest,
                study_count=len({row.study for row in chosen}),
                instance_count=sum(new.instances.get(row.id, row.output_count) for row in chosen),
                solo=int(new.solo or any(row.solo for row in chosen)),
                sealed=self._seal(
                    "release.terms",
                    new.id,
                    {"purpose": new.purpose, "basis": new.basis, "receipt_secret": new.receipt_secret.hex()},
                ),
                created_by=by,
                created_at=at,
                changed_at=at,
            )
        )
        items = [
            {
                "release": new.id,
                "preparation": row.id,
                "study": row.study,
                "root": row.root,
                "instance_count": new.instances.get(row.id, row.output_count),
            }
            for row in chosen
        ]
        self._write(insert(release_item), items)
        return self.get(new.id)

    def get(self, release_id: str) -> Release:
        """Return a release.

        Raises
        ------
        UsageError
            `release-unknown`.
        """
        row = self._first(select(release).where(release.c.id == release_id))
        if row is None:
            raise missing("release")
        return self._record(row)

    def page(
        self,
        *,
        state: ReleaseState | None = None,
        recipients: Sequence[str] | None = None,
        study_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[Release, ...]:
        """Return one page, newest first; `recipients` narrows to those (none named: none)."""
        wanted = select(release).order_by(release.c.created_at.desc(), release.c.id.desc())
        if state is not None:
            wanted = wanted.where(release.c.state == state.value)
        if recipients is not None:
            wanted = wanted.where(release.c.recipient.in_(recipients))
        if study_id is not None:
            inside = select(release_item.c.release).where(release_item.c.study == study_id)
            wanted = wanted.where(release.c.id.in_(inside))
        return tuple(self._record(row) for row in self._all(wanted.limit(limit).offset(offset)))

    def overdue(self, *, now: datetime) -> tuple[Release, ...]:
        """Return releases whose time is over but which are not yet marked as expired."""
        ended = [ReleaseState.EXPIRED.value, ReleaseState.REVOKED.value]
        wanted = select(release).where(release.c.expires_at <= now, release.c.state.not_in(ended))
        return tuple(self._record(row) for row in self._all(wanted.order_by(release.c.expires_at)))

    def items(self, release_id: str) -> tuple[ReleaseItem, ...]:
        """Return what is in a release, by study."""
        wanted = select(release_item).where(release_item.c.release == release_id)
        return tuple(
            ReleaseItem(row.release, row.study, row.preparation, row.root, row.instance_count)
            for row in self._all(wanted.order_by(release_item.c.study))
        )

    def receipt_secret(self, release_id: str) -> bytes:
        """Open the secret that a receipt must prove to know."""
        row = self._first(select(release.c.sealed).where(release.c.id == release_id))
        if row is None:
            raise missing("release")
        return bytes.fromhex(self._unseal("release.terms", release_id, row.sealed)["receipt_secret"])

    def move(self, release_id: str, *, expected: ReleaseState, to: ReleaseState, at: datetime) -> None:
        """Change the state of a release if it still is the expected one.

        Raises
        ------
        WrongState
            `release-changed`.
        """
        self._move(release_id, expected, {"state": to.value, "changed_at": at})

    def revoke(self, release_id: str, *, expected: ReleaseState, by: str, at: datetime, reason: str) -> None:
        """Revoke a release with the reason (sealed).

        Raises
        ------
        WrongState
            `release-changed`.
        """
        sealed = self._seal("release.revocation", release_id, {"text": reason})
        values = {"state": ReleaseState.REVOKED.value, "changed_at": at, "revoked_by": by, "revoke_reason": sealed}
        self._move(release_id, expected, values)

    def add_receipt(
        self, release_id: str, *, digest: str, opened_at: datetime, by: str, at: datetime, text: str
    ) -> Receipt:
        """Keep a receipt that was checked.

        Raises
        ------
        WrongState
            `receipt-exists` when there is one already.
        """
        if self.receipt(release_id) is not None:
            raise WrongState("receipt-exists", "This release has its receipt.", "Nothing needs to be done.")
        self._write(
            insert(receipt).values(
                release=release_id,
                digest=digest,
                opened_at=opened_at,
                recorded_at=at,
                recorded_by=by,
                sealed=self._seal("receipt.text", release_id, {"text": text}),
            )
        )
        return Receipt(release_id, digest, opened_at, at, by, text)

    def receipt(self, release_id: str) -> Receipt | None:
        """Return the receipt of a release, None while there is none."""
        row = self._first(select(receipt).where(receipt.c.release == release_id))
        if row is None:
            return None
        text = str(self._unseal("receipt.text", row.release, row.sealed)["text"])
        return Receipt(row.release, row.digest, row.opened_at, row.recorded_at, row.recorded_by, text)

    def _move(self, release_id: str, expected: ReleaseState, values: dict[str, Any]) -> None:
        moved = update(release).where(release.c.id == release_id, release.c.state == expected.value)
        if self._write(moved.values(values)) != 1:
            raise WrongState(
                "release-changed", "The release is not in the state that you saw.", "Look at it again, then decide."
            )

    def _record(self, row: "Row[Any]") -> Release:
        terms = self._unseal("release.terms", row.id, row.sealed)
        return Release(
            id=row.id,
            state=ReleaseState(row.state),
            recipient=row.recipient,
            purpose=str(terms["purpose"]),
            basis=str(terms["basis"]),
            expires_at=row.expires_at,
            package_digest=row.package_digest,
            package_size=row.package_size,
            manifest_digest=row.manifest_digest,
            study_count=row.study_count,
            instance_count=row.instance_count,
            solo=bool(row.solo),
            created_by=row.created_by,
            created_at=row.created_at,
            changed_at=row.changed_at,
            revoked_by=row.revoked_by,
            revoke_reason=str(self._unseal("release.revocation", row.id, row.revoke_reason).get("text", "")),
        )


def _recipient_of(row: "Row[Any]") -> Recipient:
    return Recipient(
        id=row.id,
        name=row.name,
        age_key=row.age_key,
        account=row.account,
        enabled=bool(row.enabled),
        created_at=row.created_at,
        created_by=row.created_by,
    )


def _folded(name: str) -> str:
    folded = name.strip().casefold()
    if not 1 <= len(folded) <= 128 or not folded.isprintable():
        raise UsageError("recipient-name-invalid", "A recipient's name has 1 to 128 characters.", "Choose another.")
    return folded

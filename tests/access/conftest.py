"""The ports of access in memory."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from workbench.access.accounts import Account, Credential
from workbench.access.sessions import EndCause, Session
from workbench.records.actor import Role

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def account(name: str = "jane", *, enabled: bool = True) -> Account:
    return Account(
        id=f"id-{name}",
        name=name,
        printed_name=name,
        roles=frozenset({Role.TECHNICIAN}),
        enabled=enabled,
        created_at=START,
        created_by="",
    )


@dataclass
class MemoryCredentials:
    kept: dict[str, Credential] = field(default_factory=dict)

    def credential(self, name: str) -> Credential | None:
        return self.kept.get(name)

    def get(self, account_id: str) -> Account:
        return account(account_id.removeprefix("id-"))

    def count_failure(self, account_id, *, failures, since, locked_until) -> None:
        self._change(account_id, failures=failures, failures_since=since, locked_until=locked_until)

    def record_sign_in(self, account_id, *, at) -> None:
        self._change(account_id, failures=0, failures_since=None, locked_until=None)

    def _change(self, account_id, **values) -> None:
        name = account_id.removeprefix("id-")
        self.kept[name] = replace(self.kept[name], **values)


@dataclass
class MemorySessions:
    kept: dict[str, Session] = field(default_factory=dict)

    def add(self, *, token_hash, account, at, idle, expires_at) -> Session:
        owner = globals()["account"](account.removeprefix("id-"))
        made = Session(f"s{len(self.kept)}", owner, at, at, idle, expires_at)
        self.kept[token_hash] = made
        return made

    def find(self, token_hash: str) -> Session | None:
        return self.kept.get(token_hash)

    def touch(self, session: str, *, at: datetime) -> None:
        self._change(session, seen_at=at)

    def end(self, session: str, *, cause: EndCause, at: datetime) -> None:
        self._change(session, ended_at=at, end_cause=cause)

    def change_account(self, changed: Account) -> None:
        self.kept = {token: replace(found, account=changed) for token, found in self.kept.items()}

    def _change(self, session, **values) -> None:
        self.kept = {t: replace(s, **values) if s.id == session else s for t, s in self.kept.items()}


@pytest.fixture
def credentials() -> MemoryCredentials:
    return MemoryCredentials({"jane": Credential("id-jane", "hash", enabled=True)})


@pytest.fixture
def sessions() -> MemorySessions:
    return MemorySessions()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)

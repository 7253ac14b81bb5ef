"""Who may do what: one table of roles and permissions, and the rules that need a second person.

Front ends ask it for what to show, use cases for what to allow; only the latter decides.
"""

from collections.abc import Collection
from enum import StrEnum

from workbench.records.actor import Actor, Role
from workbench.records.errors import NotPermitted


class Permission(StrEnum):
    """Everything that a role can be allowed."""

    STUDY_IMPORT = "study.import"
    STUDY_LIST = "study.list"
    STUDY_VIEW = "study.view"
    """Header changes with concealed values, findings, holds: nothing that identifies."""
    STUDY_REVEAL = "study.reveal"
    """See an identifying value; each time is in the log."""
    STUDY_PREPARE = "study.prepare"
    STUDY_SUBMIT = "study.submit"
    STUDY_APPROVE = "study.approve"
    STUDY_RETURN = "study.return"
    STUDY_WITHDRAW = "study.withdraw"
    STUDY_QUARANTINE = "study.quarantine"
    STUDY_ACCEPT = "study.accept"
    STUDY_DISCARD = "study.discard"
    IDENTITY_DECIDE = "identity.decide"
    """Say whether two patients are one person."""
    SCOPE_ADD = "scope.add"
    RECIPIENT_ADD = "recipient.add"
    RECIPIENT_LIST = "recipient.list"
    DETERMINATION_ADD = "determination.add"
    """Record what an expert determined about a profile."""
    PROFILE_ACTIVATE = "profile.activate"
    """Let a profile of one's own be used, once it passed its test."""
    PIXEL_RULE_ADD = "pixel-rule.add"
    """Propose a rule for burned-in text, and try which studies it would be for."""
    PIXEL_RULE_DECIDE = "pixel-rule.decide"
    """Approve, reject or withdraw a rule for burned-in text."""
    RELEASE_CREATE = "release.create"
    RELEASE_LIST = "release.list"
    RELEASE_REVOKE = "release.revoke"
    RELEASE_RECEIPT = "release.receipt"
    RELEASE_OWN = "release.own"
    """List and download what was released to oneself, and acknowledge it."""
    AUDIT_READ = "audit.read"
    AUDIT_VERIFY = "audit.verify"
    AUDIT_EXPORT = "audit.export"
    AUDIT_RESTORE = "audit.acknowledge-restore"
    ACCOUNT_LIST = "account.list"
    ACCOUNT_ADD = "account.add"
    ACCOUNT_DISABLE = "account.disable"
    ACCOUNT_ROLES = "account.roles"
    SETTING_CHANGE = "setting.change"


_P = Permission
_SEEING = {_P.STUDY_LIST, _P.STUDY_VIEW, _P.RELEASE_LIST, _P.RECIPIENT_LIST}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.TECHNICIAN: frozenset(
        _SEEING
        | {
            _P.STUDY_IMPORT,
            _P.STUDY_REVEAL,
            _P.STUDY_PREPARE,
            _P.STUDY_SUBMIT,
            _P.STUDY_QUARANTINE,
            _P.SCOPE_ADD,
            _P.PIXEL_RULE_ADD,
            _P.RELEASE_CREATE,
            _P.RELEASE_RECEIPT,
        }
    ),
    Role.PRIVACY_OFFICER: frozenset(
        _SEEING
        | {
            _P.STUDY_REVEAL,
            _P.STUDY_APPROVE,
            _P.STUDY_RETURN,
            _P.STUDY_WITHDRAW,
            _P.STUDY_QUARANTINE,
            _P.STUDY_ACCEPT,
            _P.STUDY_DISCARD,
            _P.IDENTITY_DECIDE,
            _P.SCOPE_ADD,
            _P.RECIPIENT_ADD,
            _P.DETERMINATION_ADD,
            _P.PROFILE_ACTIVATE,
            _P.PIXEL_RULE_ADD,
            _P.PIXEL_RULE_DECIDE,
            _P.RELEASE_CREATE,
            _P.RELEASE_REVOKE,
            _P.RELEASE_RECEIPT,
            _P.AUDIT_READ,
            _P.AUDIT_VERIFY,
            _P.AUDIT_RESTORE,
        }
    ),
    Role.AUDITOR: frozenset(_SEEING | {_P.AUDIT_READ, _P.AUDIT_VERIFY, _P.AUDIT_EXPORT, _P.ACCOUNT_LIST}),
    Role.REMOTE_READER: frozenset({_P.RELEASE_OWN}),
    Role.ADMIN: frozenset(
        {
            _P.ACCOUNT_LIST,
            _P.ACCOUNT_ADD,
            _P.ACCOUNT_DISABLE,
            _P.ACCOUNT_ROLES,
            _P.SETTING_CHANGE,
            _P.AUDIT_VERIFY,
            _P.AUDIT_RESTORE,
        }
    ),
}
"""An admin sees no study and approves nothing; an auditor changes nothing; a remote reader sees only releases."""

EXCLUSIVE: tuple[frozenset[Role], ...] = (
    frozenset({Role.AUDITOR, Role.TECHNICIAN}),
    frozenset({Role.AUDITOR, Role.PRIVACY_OFFICER}),
    frozenset({Role.AUDITOR, Role.ADMIN}),
    frozenset({Role.ADMIN, Role.PRIVACY_OFFICER}),
    frozenset({Role.REMOTE_READER, Role.TECHNICIAN}),
    frozenset({Role.REMOTE_READER, Role.PRIVACY_OFFICER}),
    frozenset({Role.REMOTE_READER, Role.AUDITOR}),
    frozenset({Role.REMOTE_READER, Role.ADMIN}),
)
"""Pairs that one person may not hold together, since each is there to watch, or not to see, what the other does."""

SOLO_EXCEPTION = frozenset({Role.ADMIN, Role.PRIVACY_OFFICER})
"""The one pair that solo mode allows: in a practice of one there is nobody else."""


def allows(roles: Collection[Role], permission: Permission) -> bool:
    """Tell whether any of the roles grants the permission."""
    return any(permission in ROLE_PERMISSIONS[role] for role in roles)


def permissions(roles: Collection[Role]) -> frozenset[Permission]:
    """Return all that the roles together grant."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))


def demand(actor: Actor, permission: Permission) -> None:
    """Refuse an actor who lacks the permission.

    Raises
    ------
    NotPermitted
        `role-not-permitted`.
    """
    if not allows(actor.roles, permission):
        granting = [role.value.replace("_", " ") for role in Role if permission in ROLE_PERMISSIONS[role]]
        raise NotPermitted(
            "role-not-permitted",
            f"Your roles do not allow this ({permission}).",
            f"It is for: {', '.join(granting)}.",
        )


def demand_second_person(actor: Actor, *, involved: Collection[str], solo: bool = False) -> None:
    """Refuse an actor who took part in what is to be decided (prepared or submitted it).

    Solo mode lifts the rule; what was decided then says "single-person approval" for ever.

    Raises
    ------
    NotPermitted
        `second-person-needed`.
    """
    if not solo and actor.user_id in involved:
        raise NotPermitted(
            "second-person-needed",
            "Who prepared or submitted a study cannot decide on it.",
            "Ask another privacy officer.",
        )


def check_roles(roles: Collection[Role], *, solo: bool = False) -> None:
    """Refuse roles that one person may not hold together.

    Raises
    ------
    NotPermitted
        `roles-missing` or `roles-exclusive`.
    """
    if not roles:
        raise NotPermitted("roles-missing", "An account has at least one role.", "Disable it to take all access away.")
    for pair in EXCLUSIVE:
        if pair <= set(roles) and not (solo and pair == SOLO_EXCEPTION):
            first, second = sorted(role.value for role in pair)
            raise NotPermitted(
                "roles-exclusive",
                f"One person may not be {first} and {second} at once.",
                "Give the second role to somebody else.",
            )


def check_role_change(actor: Actor, *, account: str, roles: Collection[Role], solo: bool = False) -> None:
    """Refuse a change of roles: without the permission, on oneself, or to roles that exclude each other.

    Raises
    ------
    NotPermitted
        `role-not-permitted`, `own-roles`, `roles-missing` or `roles-exclusive`.
    """
    demand(actor, Permission.ACCOUNT_ROLES)
    if actor.user_id == account and not solo:
        raise NotPermitted("own-roles", "Nobody changes their own roles.", "Ask another administrator.")
    check_roles(roles, solo=solo)

from itertools import chain, combinations

import pytest

from workbench.access.policy import (
    EXCLUSIVE,
    ROLE_PERMISSIONS,
    SOLO_EXCEPTION,
    Permission,
    allows,
    check_role_change,
    check_roles,
    demand,
    demand_second_person,
    permissions,
)
from workbench.records.actor import Actor, Role
from workbench.records.errors import NotPermitted

# Every permission with the roles that have it, spelled out apart from the table under test:
# T technician, P privacy officer, A auditor, R remote reader, M admin.
MATRIX = {
    "study.import": "T",
    "study.list": "TPA",
    "study.view": "TPA",
    "study.reveal": "TP",
    "study.prepare": "T",
    "study.submit": "T",
    "study.approve": "P",
    "study.return": "P",
    "study.withdraw": "P",
    "study.quarantine": "TP",
    "study.accept": "P",
    "study.discard": "P",
    "identity.decide": "P",
    "scope.add": "TP",
    "recipient.add": "P",
    "recipient.list": "TPA",
    "determination.add": "P",
    "profile.activate": "P",
    "pixel-rule.add": "TP",
    "pixel-rule.decide": "P",
    "release.create": "TP",
    "release.list": "TPA",
    "release.revoke": "P",
    "release.receipt": "TP",
    "release.own": "R",
    "audit.read": "PA",
    "audit.verify": "PAM",
    "audit.export": "A",
    "audit.acknowledge-restore": "PM",
    "account.list": "AM",
    "account.add": "M",
    "account.disable": "M",
    "account.roles": "M",
    "setting.change": "M",
}
LETTERS = {
    "T": Role.TECHNICIAN,
    "P": Role.PRIVACY_OFFICER,
    "A": Role.AUDITOR,
    "R": Role.REMOTE_READER,
    "M": Role.ADMIN,
}


def actor(*roles: Role, user: str = "u1") -> Actor:
    return Actor(user_id=user, name="somebody", roles=frozenset(roles))


def test_the_matrix_names_every_permission_and_every_role():
    assert set(MATRIX) == {permission.value for permission in Permission}
    assert set(ROLE_PERMISSIONS) == set(Role)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_every_role_has_what_the_matrix_says_and_nothing_else(role: Role, permission: Permission):
    expected = role in {LETTERS[letter] for letter in MATRIX[permission.value]}
    assert allows({role}, permission) is expected
    if expected:
        demand(actor(role), permission)
    else:
        with pytest.raises(NotPermitted) as caught:
            demand(actor(role), permission)
        assert caught.value.code == "role-not-permitted"


def test_no_roles_no_permission():
    assert permissions(()) == frozenset()
    assert not any(allows((), permission) for permission in Permission)


def test_roles_add_up():
    both = permissions({Role.TECHNICIAN, Role.PRIVACY_OFFICER})
    assert both == permissions({Role.TECHNICIAN}) | permissions({Role.PRIVACY_OFFICER})


def test_nobody_both_makes_accounts_and_sees_patients_or_approves():
    for roles in permitted_sets():
        held = permissions(roles)
        if Permission.ACCOUNT_ROLES in held:
            assert Permission.STUDY_APPROVE not in held
        if Role.AUDITOR in roles:
            assert not any(p.value.split(".")[1] not in {"list", "view", "read", "verify", "export"} for p in held)
        if Role.REMOTE_READER in roles:
            assert held == {Permission.RELEASE_OWN}


def every_set() -> list[frozenset[Role]]:
    return [frozenset(c) for c in chain.from_iterable(combinations(Role, n) for n in range(1, len(Role) + 1))]


def permitted_sets() -> list[frozenset[Role]]:
    found = []
    for roles in every_set():
        try:
            check_roles(roles)
        except NotPermitted:
            continue
        found.append(roles)
    return found


def test_exactly_these_roles_can_be_held_together():
    several = {roles for roles in permitted_sets() if len(roles) > 1}
    assert several == {
        frozenset({Role.TECHNICIAN, Role.PRIVACY_OFFICER}),
        frozenset({Role.TECHNICIAN, Role.ADMIN}),
    }


@pytest.mark.parametrize("roles", every_set())
def test_solo_mode_allows_the_admin_to_be_privacy_officer_and_nothing_more(roles: frozenset[Role]):
    forbidden = any(pair <= roles for pair in EXCLUSIVE if pair != SOLO_EXCEPTION)
    if forbidden:
        with pytest.raises(NotPermitted) as caught:
            check_roles(roles, solo=True)
        assert caught.value.code == "roles-exclusive"
    else:
        check_roles(roles, solo=True)


def test_an_account_without_roles_is_refused():
    with pytest.raises(NotPermitted) as caught:
        check_roles(())
    assert caught.value.code == "roles-missing"


def test_who_took_part_does_not_decide_unless_the_home_is_in_solo_mode():
    officer = actor(Role.PRIVACY_OFFICER)
    demand_second_person(officer, involved={"u2", "u3"})
    with pytest.raises(NotPermitted) as caught:
        demand_second_person(officer, involved={"u2", "u1"})
    assert caught.value.code == "second-person-needed"
    demand_second_person(officer, involved={"u1"}, solo=True)


def test_nobody_changes_their_own_roles_and_only_an_admin_changes_others():
    admin = actor(Role.ADMIN)
    check_role_change(admin, account="u2", roles={Role.TECHNICIAN})
    with pytest.raises(NotPermitted) as own:
        check_role_change(admin, account="u1", roles={Role.ADMIN, Role.TECHNICIAN})
    with pytest.raises(NotPermitted) as other:
        check_role_change(actor(Role.PRIVACY_OFFICER), account="u2", roles={Role.TECHNICIAN})
    assert (own.value.code, other.value.code) == ("own-roles", "role-not-permitted")
    check_role_change(admin, account="u1", roles={Role.ADMIN, Role.PRIVACY_OFFICER}, solo=True)

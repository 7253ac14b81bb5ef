import unicodedata
from time import process_time

import pytest
from argon2 import PasswordHasher, extract_parameters

from workbench.access.passwords import LONGEST, SHORTEST, Passwords, check_new_password
from workbench.records.errors import UsageError

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def test_a_password_verifies_against_its_own_hash_only():
    stored = CHEAP.hash("four unrelated words here")
    assert stored.startswith("$argon2id$")
    assert CHEAP.verify(stored, "four unrelated words here")
    assert not CHEAP.verify(stored, "four unrelated words hers")
    assert stored != CHEAP.hash("four unrelated words here")


def test_the_default_cost_is_the_recommended_one():
    cost = extract_parameters(Passwords().hash("x"))
    assert (cost.memory_cost, cost.time_cost, cost.parallelism) == (65_536, 3, 4)


def test_two_keyboards_spellings_of_one_password_are_the_same():
    composed = "Übergrößenträger-äöü"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert CHEAP.verify(CHEAP.hash(composed), decomposed)


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"])
@pytest.mark.parametrize("password", ["", "anything at all", "x" * 100_000, "\x00"])
def test_without_a_usable_hash_nothing_verifies(stored: str | None, password: str):
    assert not CHEAP.verify(stored, password)


def test_an_unknown_account_costs_as_much_as_a_known_one():
    slower = Passwords(PasswordHasher(time_cost=4, memory_cost=16_384, parallelism=1))
    stored = slower.hash("four unrelated words here")

    def cost(password_hash: str | None) -> float:
        started = process_time()
        for _ in range(3):
            slower.verify(password_hash, "wrong")
        return process_time() - started

    cost(stored)
    assert cost(None) > cost(stored) / 3


def test_a_hash_of_other_parameters_asks_to_be_renewed():
    assert Passwords().needs_rehash(CHEAP.hash("x"))
    assert not CHEAP.needs_rehash(CHEAP.hash("x"))


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password-too-short"),
        ("x" * (SHORTEST - 1), "password-too-short"),
        ("x" * (LONGEST + 1), "password-too-long"),
        ("passwordpassword", "password-too-common"),
        ("Workbench123456!", "password-too-common"),
        ("aaaaaaaaaaaaaaaaaaaa", "password-too-common"),
        ("jane.doejane.doe1", "password-too-common"),
    ],
)
def test_weak_passwords_are_refused_without_repeating_them(password: str, code: str):
    with pytest.raises(UsageError) as caught:
        check_new_password(password, name="jane.doe")
    assert caught.value.code == code
    assert not password or password not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "blaue Kühe fliegen nie", "日本語のとても長いパスワードです", "Tr0ub4dor&3-xyzzy"],
)
def test_long_passwords_need_no_composition_rules(password: str):
    check_new_password(password, name="jane.doe")

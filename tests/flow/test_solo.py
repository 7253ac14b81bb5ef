"""Solo mode: switched on when the home is made, or not at all; and it is written on everything."""

import json

import pyrage
import pytest

from tests.flow import fakes
from tests.flow.conftest import FAST, PASSWORD, Clock, House
from tests.flow.test_importing import tiny
from workbench.flow import accounts, importing, preparing, queries, recipients, releasing, reviewing
from workbench.flow.home import init_home, open_home
from workbench.flow.opening import open_received
from workbench.records.actor import Role
from workbench.records.errors import NotPermitted
from workbench.records.states import StudyState

ALL = {Role.ADMIN, Role.TECHNICIAN, Role.PRIVACY_OFFICER}


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A home of one person with one submitted study."""
    fakes.install(monkeypatch)
    clock = Clock()
    made = init_home(
        tmp_path / "home",
        keys=tmp_path / "keys",
        witness=tmp_path / "witness.log",
        clock=clock,
        passwords=FAST,
        solo=True,
    )
    with open_home(made.home, clock=clock, passwords=FAST) as workbench:
        accounts.first_account(workbench, code=made.code, name="sole", password=PASSWORD)
        sole = accounts.sign_in(workbench, name="sole", password=PASSWORD).actor
        accounts.set_roles(workbench, sole, name="sole", roles=ALL)
        house = House(
            workbench, made, clock, {"sole": accounts.sign_in(workbench, name="sole", password=PASSWORD).actor}
        )
        importing.import_paths(workbench, house["sole"], paths=[tiny(tmp_path / "in", count=2)])
        preparing.prepare(workbench, house["sole"], study="WB-000001", scope="s", pixels="off")
        reviewing.submit(workbench, house["sole"], study="WB-000001")
        yield house


def test_one_person_may_approve_and_everything_says_so(alone, tmp_path):
    workbench, sole = alone.workbench, alone["sole"]
    assert queries.study_view(workbench, sole, study="WB-000001").decision("approve").allowed
    assert reviewing.approve(workbench, sole, study="WB-000001") is StudyState.APPROVED
    with workbench.database.reading() as reading:
        entry = next(entry for entry in reading.ledger.entries(newest_first=True) if entry.kind == "study.approved")
    assert entry.data["single_person"] is True
    view = queries.study_view(workbench, sole, study="WB-000001")
    assert view.preparation is not None
    assert view.preparation.single_person
    assert any("single-person approval" in line.text for line in view.story)
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(f"{identity}\n")
    recipients.add_recipient(workbench, sole, name="R", key=str(identity.to_public()))
    made = releasing.create_release(
        workbench, sole, recipient="R", purpose="treatment", basis="treatment", expires_days=3, studies=["WB-000001"]
    )
    opened = open_received(
        workbench.packages / f"{made.release}.tar.age",
        tmp_path / "out",
        identity=tmp_path / "key.txt",
        trust=workbench.keys.vkey,
        clock=alone.clock,
    )
    assert opened.document["single_person_approval"] is True
    assert any("single-person approval" in line for line in opened.lines)


def test_editing_the_settings_of_another_home_switches_nothing_on(house, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    file = house.made.home / "home.json"
    settings = json.loads(file.read_text())
    assert "solo" not in settings
    importing.import_paths(house.workbench, house["both"], paths=[tiny(tmp_path / "in")])
    preparing.prepare(house.workbench, house["both"], study="WB-000001", scope="s", pixels="off")
    reviewing.submit(house.workbench, house["both"], study="WB-000001")
    with pytest.raises(NotPermitted):
        reviewing.approve(house.workbench, house["both"], study="WB-000001")
    with pytest.raises(NotPermitted):
        accounts.add_user(house.workbench, house["root"], name="sole", password=PASSWORD, roles=ALL)

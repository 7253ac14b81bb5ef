"""Every call to database, ledger, object store and witness fails in turn, in what decides who is whom.

Rows and log must tell the same story after each failure, and the same step must succeed when it is repeated.
"""

from functools import partial

from sqlalchemy import func, select

from tests.flow import fakes
from tests.flow.test_faults import Fault
from tests.flow.test_rejection import write_note
from workbench.flow import home, identity, importing, preparing, recipients, terms, trail
from workbench.records.errors import WorkbenchError
from workbench.records.states import StudyState
from workbench.store.person_tables import (
    QuestionState,
    agreement,
    assigned,
    determination,
    identity_question,
    person,
    rejection,
    touched,
)

KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


def tell(house):
    """Return what the rows say and what the log says, for whatever both know."""
    with house.workbench.database.reading() as reading:
        connection = reading.connection
        entries = list(reading.ledger.entries())

        def rows(table, *conditions):
            return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()

        answered = [QuestionState.SAME.value, QuestionState.DIFFERENT.value]
        states = {study: reading.studies.get(study).state for study in reading.persons.studies(_patients(reading))}
        found = {
            "asked": rows(identity_question),
            "answered": rows(identity_question, identity_question.c.state.in_(answered)),
            "drawn": rows(assigned),
            "rejected": rows(rejection),
            "determined": rows(determination),
            "agreed": rows(agreement),
            "touched": {row.preparation for row in connection.execute(select(touched.c.preparation))},
            "linked": rows(person, person.c.patient != person.c.root),
        }

    def of(*kinds):
        return [entry for entry in entries if entry.kind in kinds]

    told = {
        "asked": len(of("identity.asked")),
        "answered": len(of("identity.answered")),
        "drawn": len(of("crosswalk.assigned")),
        "rejected": sum(entry.data["named"] for entry in of("instances.rejected")),
        "determined": len(of("determination.recorded")),
        "agreed": min(1, len(of("recipient.agreement"))),
        "touched": {
            name
            for entry in of("patient.linked", "patient.parted", "instances.rejected")
            for name in entry.data["preparations"]
        },
        "linked": len(of("patient.linked")) - len(of("patient.parted")),
    }
    return found, told, states


def _patients(reading):
    page = reading.studies.search(limit=100).studies
    return {study.patient for study in page}


def survive(house, fault, call, goal):
    """Repeat `call` with a later call failing each time, until its entry is there; rows and log agree all along."""
    before, at = len(house.events(goal)), 0
    while len(house.events(goal)) == before:
        at += 1
        fault.arm(at)
        failed = None
        try:
            call()
        except (WorkbenchError, OSError) as error:
            failed = error
        fired = fault.disarm()
        found, told, states = tell(house)
        assert found == told
        forbidden = not home.read_settings(house.made.home).folder_mode
        assert forbidden == (house.events("home.settings") != [])
        assert [path for path in house.workbench.staging.iterdir() if path.is_dir()] == []
        waiting = {row.study for row in identity.questions(house.workbench, house["olga"]) if row.code != "split-study"}
        assert all(states[study] is StudyState.QUARANTINED for study in waiting)
        if len(house.events(goal)) == before:
            assert fired, f"failed although nothing was made to fail: {failed!r}"
            assert failed is not None, "a failure went unnoticed and the step did not happen"
    return at


def tiny(folder, *, study, start=1, **given):
    uid = f"{study}.1.{start}"
    fakes.write_tiny(folder / f"{uid}.dcm", study=study, series=f"{study}.1", instance=uid, **given)
    return folder


def test_every_call_fails_in_turn_and_rows_and_log_agree(house, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    workbench, anna, olga = house.workbench, house["anna"], house["olga"]
    recipients.add_recipient(workbench, olga, name="Trial 7", key=KEY)
    importing.import_paths(workbench, anna, paths=[tiny(tmp_path / "a", study="1.2.3")])
    fault, tried = Fault(monkeypatch), {}
    namesake = tiny(tmp_path / "b", study="1.2.4", patient_id="P2")
    later = tiny(tmp_path / "c", study="1.2.3", start=2, name="Roe^Jane")
    note = write_note(tmp_path / "n", "113037", ["1.2.4.1.1"], study="1.2.3")
    prepare = partial(
        preparing.prepare, workbench, anna, study="WB-000001", scope="s", profile="safe-harbor", pixels="off"
    )
    bring = partial(importing.import_paths, workbench, anna)
    answer = partial(identity.answer, workbench, olga, reason="because")
    steps = {
        "prepare": (prepare, "study.prepared"),
        "ask": (partial(bring, paths=[namesake]), "identity.asked"),
        "same": (partial(answer, question="ID-000001", same=True), "identity.answered"),
        "ask about a part": (partial(bring, paths=[later]), "identity.asked"),
        "prepare again": (prepare, "study.prepared"),
        "different": (partial(answer, question="ID-000002", same=False), "identity.answered"),
        "note": (partial(bring, paths=[note]), "instances.rejected"),
        "split": (partial(identity.part, workbench, olga, study="WB-000002", reason="because"), "patient.parted"),
        "merge": (
            partial(identity.link, workbench, olga, study="WB-000001", other="WB-000002", reason="because"),
            "patient.linked",
        ),
        "agreement": (
            partial(recipients.record_agreement, workbench, olga, recipient="Trial 7", agreement="DUA-1"),
            "recipient.agreement",
        ),
        "determination": (
            partial(
                terms.record_determination,
                workbench,
                olga,
                profile="research",
                expert="E",
                reference="R",
                expires_days=9,
            ),
            "determination.recorded",
        ),
        "settings": (partial(home.change_settings, workbench, house["root"], folder_mode=False), "home.settings"),
    }
    for name, (call, goal) in steps.items():
        tried[name] = survive(house, fault, call, goal)
    assert home.read_settings(house.made.home).folder_mode is False
    assert all(count >= 2 for count in tried.values()), tried
    verdict = trail.verify_home(house.made.home, trust=str(house.made.trust), witness=house.made.witness)
    assert verdict.ok, verdict.problems

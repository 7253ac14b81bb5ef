"""On what terms something leaves: purpose, basis, agreement and determination against what the profile is made for."""

import json
import sqlite3
import tarfile
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pyrage
import pytest

from tests.flow import fakes
from workbench.flow import activation, importing, preparing, queries, recipients, releasing, reviewing, terms
from workbench.records.errors import IntegrityBroken, NotPermitted, UsageError, WrongState
from workbench.release.law import LAWS, law_of

IDENTITY = pyrage.x25519.Identity.generate()
CLAIM = "de-identified"


@pytest.fixture
def ready(house, tmp_path, monkeypatch):
    """Return a function that prepares and approves a study with a profile."""
    fakes.install(monkeypatch)
    recipients.add_recipient(house.workbench, house["olga"], name="Trial 7", key=str(IDENTITY.to_public()))
    fakes.write_tiny(tmp_path / "in" / "x.dcm", study="1.2", series="1.2.1", instance="1.2.1.1")
    importing.import_paths(house.workbench, house["anna"], paths=[tmp_path / "in"])

    def approve(profile):
        preparing.prepare(
            house.workbench, house["anna"], study="WB-000001", scope="trial-7", profile=profile, pixels="off"
        )
        reviewing.submit(house.workbench, house["anna"], study="WB-000001")
        reviewing.approve(house.workbench, house["olga"], study="WB-000001")
        return house

    return approve


def release(house, purpose="research", basis=CLAIM, **given):
    return releasing.create_release(
        house.workbench,
        house["olga"],
        recipient="Trial 7",
        purpose=purpose,
        basis=basis,
        expires_days=30,
        studies=["WB-000001"],
        **given,
    )


def refused(call, kind=WrongState):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.hint
    return caught.value.code


def opened(row):
    """Return the texts of a package by name."""
    with tarfile.open(fileobj=BytesIO(pyrage.decrypt(Path(row.package).read_bytes(), [IDENTITY]))) as archive:
        names = [name for name in archive.getnames() if name.startswith(("README", "manifest.json"))]
        streams = {name: archive.extractfile(name) for name in names}
        return {name: stream.read().decode() for name, stream in streams.items() if stream is not None}


def expert(house, tmp_path):
    file = tmp_path / "cohort.yaml"
    file.write_text(
        "profile: cohort\nversion: 1\ntitle: Cohort\nstandard: ps315-2026d\nextends: research\n"
        "law: expert-determination\nrequires: [determination]\nwhy: the expert looked at it\nsigned: Olga\n"
    )
    activation.activate(house.workbench, house["olga"], profile=file)
    return str(file)


@pytest.mark.parametrize(
    ("profile", "purpose", "basis", "code"),
    [
        ("teleradiology", "research", "treatment", "purpose-not-allowed"),
        ("teleradiology", "second opinion, as they say", "treatment", "purpose-not-allowed"),
        ("teleradiology", "treatment", CLAIM, "basis-not-allowed"),
        ("teleradiology", "treatment", "limited-data-set", "basis-not-allowed"),
        ("teleradiology", "treatment", "waiver", "basis-not-allowed"),
        ("limited-data-set", "treatment", "limited-data-set", "purpose-not-allowed"),
        ("limited-data-set", "education", "limited-data-set", "purpose-not-allowed"),
        ("limited-data-set", "research", CLAIM, "basis-not-allowed"),
        ("limited-data-set", "research", "limited-data-set", "agreement-missing"),
        ("research", "research", CLAIM, "determination-missing"),
    ],
)
def test_what_a_profile_is_not_made_for_is_refused(ready, profile, purpose, basis, code):
    house = ready(profile)
    before = house.events("release.created")
    assert refused(lambda: release(house, purpose, basis)) == code
    assert house.events("release.created") == before
    assert house.events("permission.denied") == ["permission.denied"]
    assert list(house.workbench.packages.glob("*.age")) == []


@pytest.mark.parametrize(
    ("profile", "purpose", "basis"),
    [
        ("basic", "research", CLAIM),
        ("safe-harbor", "research", CLAIM),
        ("safe-harbor", "a purpose of their own", CLAIM),
        ("research", "research", "waiver"),
        ("teleradiology", "treatment", "treatment"),
        ("teleradiology", "treatment", "authorization"),
    ],
)
def test_what_it_is_made_for_goes_out(ready, profile, purpose, basis):
    assert release(ready(profile), purpose, basis).instances == 1


@pytest.mark.parametrize("where", ["release", "recipient"])
def test_a_limited_data_set_leaves_under_an_agreement_which_the_package_names(ready, where):
    house = ready("limited-data-set")
    given = {"agreement": "DUA-2026-17"} if where == "release" else {}
    if where == "recipient":
        recipients.record_agreement(house.workbench, house["olga"], recipient="Trial 7", agreement="DUA-2026-17")
    made = release(house, "research", "limited-data-set", **given)
    texts = opened(made)
    assert "DUA-2026-17" in texts["README.txt"]
    assert json.loads(texts["manifest.json"])["agreement"] == "DUA-2026-17"
    with house.workbench.database.reading() as reading:
        entry = [entry for entry in reading.ledger.entries() if entry.kind == "release.created"][-1]
    assert entry.data["agreement_commitment"]
    assert b"DUA-2026-17" not in entry.body


@pytest.mark.parametrize("text", ["", "  ", "x" * 300, "two\nlines"])
def test_an_agreement_that_is_no_reference_is_refused(ready, text):
    house = ready("limited-data-set")
    call = lambda: recipients.record_agreement(house.workbench, house["olga"], recipient="Trial 7", agreement=text)  # noqa: E731
    assert refused(call, UsageError).startswith("reference-")
    with pytest.raises(NotPermitted):
        recipients.record_agreement(house.workbench, house["anna"], recipient="Trial 7", agreement="DUA")


@pytest.mark.usefixtures("quick_twin")
def test_an_expert_determination_is_of_exactly_one_profile_and_ends(ready, house, tmp_path):
    profile = expert(house, tmp_path)
    ready(profile)
    assert refused(lambda: release(house)) == "determination-missing"
    with pytest.raises(NotPermitted):
        terms.record_determination(
            house.workbench, house["anna"], profile=profile, expert="E", reference="R", expires_days=30
        )
    terms.record_determination(
        house.workbench, house["olga"], profile="research", expert="Dr. Expert", reference="ED-6", expires_days=30
    )
    assert refused(lambda: release(house)) == "determination-missing"  # of another profile
    made = terms.record_determination(
        house.workbench, house["olga"], profile=profile, expert="Dr. Expert", reference="ED-7", expires_days=30
    )
    assert release(house).instances == 1
    with house.workbench.database.reading() as reading:
        bodies = [entry.body for entry in reading.ledger.entries()]
        assert list(reading.ledger.entries())[-1].data["determination"] == made.determination
    assert not [body for body in bodies if b"Expert" in body or b"ED-7" in body]
    house.clock.skip(days=31)
    assert refused(lambda: release(house)) == "determination-expired"
    assert [row.valid for row in terms.list_determinations(house.workbench, house["olga"])] == [False, False]


@pytest.mark.usefixtures("quick_twin")
def test_a_determination_that_the_log_does_not_know_releases_nothing(ready, house, tmp_path):
    profile = expert(house, tmp_path)
    ready(profile)
    terms.record_determination(
        house.workbench, house["olga"], profile=profile, expert="E", reference="R", expires_days=1
    )
    house.clock.skip(days=2)
    with closing(sqlite3.connect(house.made.home / "workbench.sqlite")) as database, database:
        database.execute("UPDATE determination SET expires_at = '2036-01-01T00:00:00.000000Z'")
    assert refused(lambda: release(house), IntegrityBroken) == "determination-differs"


def test_a_law_that_was_exchanged_in_the_database_releases_nothing(ready, house):
    ready("teleradiology")
    with house.workbench.database.reading() as reading:
        made = reading.preparations.current("WB-000001")
        facts = {**reading.preparations.facts(made.id), "law": ""}
    sealed = house.workbench.keys.seal("preparation.facts", made.id.encode(), json.dumps(facts).encode())
    with closing(sqlite3.connect(house.made.home / "workbench.sqlite")) as database, database:
        database.execute("UPDATE preparation SET facts = ?", (sealed,))
    assert refused(lambda: release(house), IntegrityBroken) == "version-differs"


def test_data_for_treatment_are_named_for_what_they_are_and_never_de_identified(ready):
    house = ready("teleradiology")
    view = queries.study_view(house.workbench, house["olga"], study="WB-000001")
    assert view.preparation is not None
    assert view.preparation.law == "treatment"
    texts = opened(release(house, "treatment", "treatment"))
    for name in ("README.txt", "README.html"):
        told = " ".join(texts[name].split())
        assert "Protected health information, pseudonymised, for treatment" in told
        assert "de-identified" not in told.lower()
    profile = json.loads(texts["manifest.json"])["studies"][0]["preparation"]["profile"]
    assert profile["law"] == "treatment"


def test_a_safe_harbor_package_says_so(ready):
    texts = opened(release(ready("safe-harbor")))
    assert "HIPAA Safe Harbor" in texts["README.txt"]


def test_no_word_for_treatment_calls_it_de_identified():
    for text in LAWS["treatment"]:
        assert "de-identified" not in text.lower()
    assert law_of("something new") == LAWS[""]

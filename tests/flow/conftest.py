"""A home with people in it, a clock that goes forward by itself, and small real series."""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pydicom
import pytest
from argon2 import PasswordHasher
from pydicom.data import get_testdata_file
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from workbench.access.passwords import Passwords
from workbench.flow import accounts, crash_test, importing, preparing
from workbench.flow.home import InitResult, Workbench, init_home, open_home
from workbench.records.actor import Actor, Role
from workbench.synthetic.twin_shape import shapes_of

PASSWORD = "four unrelated words here"
PEOPLE = {
    "anna": (Role.TECHNICIAN,),
    "tom": (Role.TECHNICIAN,),
    "olga": (Role.PRIVACY_OFFICER,),
    "paul": (Role.PRIVACY_OFFICER,),
    "both": (Role.TECHNICIAN, Role.PRIVACY_OFFICER),
    "vera": (Role.AUDITOR,),
    "rita": (Role.REMOTE_READER,),
}
FAST = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class Clock:
    """Goes forward a second each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def skip(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class House:
    """A home in a temporary folder and who works there."""

    workbench: Workbench
    made: InitResult
    clock: Clock
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]

    def events(self, *kinds: str) -> list[str]:
        with self.workbench.database.reading() as reading:
            found = [entry.kind for entry in reading.ledger.entries()]
        return [kind for kind in found if not kinds or kind in kinds]


def make_house(root: Path, people: dict[str, tuple[Role, ...]] | None = None) -> House:
    clock = Clock()
    made = init_home(root / "home", keys=root / "keys", witness=root / "witness.log", clock=clock, passwords=FAST)
    workbench = open_home(made.home, clock=clock, passwords=FAST)
    accounts.first_account(workbench, code=made.code, name="root", password=PASSWORD)
    house = House(workbench, made, clock)
    house.actors["root"] = accounts.sign_in(workbench, name="root", password=PASSWORD).actor
    for name, roles in (PEOPLE if people is None else people).items():
        accounts.add_user(workbench, house["root"], name=name, password=PASSWORD, roles=roles)
        house.actors[name] = accounts.sign_in(workbench, name=name, password=PASSWORD).actor
    return house


def move_house(template: Path, root: Path, actors: dict[str, Actor], now: datetime) -> House:
    """Open a copy of a home that was made once: making one takes most of a second."""
    shutil.copytree(template, root, dirs_exist_ok=True)
    settings_file = root / "home" / "home.json"
    settings_file.write_text(settings_file.read_text().replace(f'"{template}/', f'"{root}/'))
    clock = Clock()
    clock.now = now
    workbench = open_home(root / "home", clock=clock, passwords=FAST)
    made = InitResult(root / "home", root / "keys", root / "witness.log", root / "keys" / "trust.vkey", "")
    return House(workbench, made, clock, dict(actors))


@dataclass(frozen=True)
class Template:
    """A home to copy."""

    root: Path
    actors: dict[str, Actor]
    now: datetime


@pytest.fixture(scope="session")
def staffed(tmp_path_factory):
    """Return a home with people and nothing else."""
    root = tmp_path_factory.mktemp("staffed")
    made = make_house(root)
    made.workbench.close()
    return Template(root, made.actors, made.clock.now)


@pytest.fixture(scope="session")
def stocked(tmp_path_factory, staffed):
    """Return a home with one prepared CT study, WB-000001."""
    root = tmp_path_factory.mktemp("stocked")
    made = move_house(staffed.root, root, staffed.actors, staffed.now)
    folder = write_ct(tmp_path_factory.mktemp("incoming"))
    importing.import_paths(made.workbench, made["anna"], paths=[folder])
    preparing.prepare(made.workbench, made["anna"], study="WB-000001", scope="trial-7", pixels="off")
    made.workbench.close()
    return Template(root, made.actors, made.clock.now)


@pytest.fixture
def house(tmp_path, staffed):
    made = move_house(staffed.root, tmp_path / "house", staffed.actors, staffed.now)
    yield made
    made.workbench.close()


@pytest.fixture
def prepared(tmp_path, stocked):
    """A home of its own with one prepared CT study, WB-000001."""
    made = move_house(stocked.root, tmp_path / "house", stocked.actors, stocked.now)
    yield made
    made.workbench.close()


def write_ct(
    folder: Path,
    *,
    instances: int = 3,
    patient_id: str = "4711-08-15",
    name: str = "Doe^Jane^Q",
    birth: str = "19610704",
    series: int = 1,
    study_uid: str | None = None,
    **changes: object,
) -> Path:
    """Write a small CT study (explicit little endian, 128 x 128) made from pydicom's own test file."""
    folder.mkdir(parents=True, exist_ok=True)
    study_uid = study_uid or str(generate_uid())
    frame = str(generate_uid())
    for number in range(series):
        series_uid = str(generate_uid())
        for position in range(instances):
            dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
            dataset.remove_private_tags()
            dataset.StudyInstanceUID = study_uid
            dataset.SeriesInstanceUID = series_uid
            dataset.FrameOfReferenceUID = frame
            dataset.SOPInstanceUID = UID(str(generate_uid()))
            dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
            dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            dataset.PatientID, dataset.PatientName, dataset.PatientBirthDate = patient_id, name, birth
            dataset.AccessionNumber = "A1234567"
            dataset.InstitutionName = "Saint Nowhere General"
            dataset.ReferringPhysicianName = "Grau^Otto"
            dataset.SeriesNumber, dataset.InstanceNumber = number + 1, position + 1
            for keyword, value in changes.items():
                setattr(dataset, keyword, value)
            dataset.save_as(folder / f"{number}-{position}.dcm")
    return folder


@pytest.fixture
def quick_twin(tmp_path, monkeypatch):
    """Test profiles on a twin of one CT only: the twin of all kinds of objects takes ten seconds."""
    shapes = shapes_of(write_ct(tmp_path / "shape", instances=1))
    monkeypatch.setattr(crash_test, "standard_shapes", lambda _classes: shapes)


@pytest.fixture
def ct(tmp_path):
    return write_ct(tmp_path / "incoming")

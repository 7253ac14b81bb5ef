"""Makes a home with synthetic studies and one account per role, for the browser to visit."""

from dataclasses import dataclass
from pathlib import Path

from workbench.flow import accounts, importing, preparing, queries, reviewing
from workbench.flow.home import init_home, open_home
from workbench.records.actor import Role
from workbench.synthetic.studies import write_demo_studies

PASSWORD = "correct horse battery staple"
PEOPLE = {
    "tess": Role.TECHNICIAN,
    "petra": Role.PRIVACY_OFFICER,
    "arno": Role.AUDITOR,
    "rita": Role.REMOTE_READER,
}


@dataclass(frozen=True)
class House:
    """The home, and the study of each kind by its number."""

    home: Path
    studies: tuple[str, ...]


def build(folder: Path, *, seed: int = 20) -> House:
    """Make the home, let studies arrive, prepare all but the last and submit the first two."""
    home = folder / "home"
    made = init_home(home, keys=folder / "keys", witness=folder / "witness")
    write_demo_studies(folder / "in", seed=seed)
    with open_home(home) as workbench:
        accounts.first_account(workbench, code=made.code, name="adam", password=PASSWORD)
        adam = accounts.sign_in(workbench, name="adam", password=PASSWORD).actor
        for name, role in PEOPLE.items():
            accounts.add_user(workbench, adam, name=name, password=PASSWORD, roles=frozenset({role}))
        tess = accounts.sign_in(workbench, name="tess", password=PASSWORD).actor
        importing.import_paths(workbench, tess, paths=[folder / "in"])
        rows = queries.list_studies(workbench, tess, limit=50).rows
        studies = tuple(sorted(row.study for row in rows))
        for study in studies[:-1]:
            preparing.prepare(workbench, tess, study=study, profile="basic", scope="second-opinion", pixels="off")
        for study in studies[:2]:
            reviewing.submit(workbench, tess, study=study)
    return House(home, studies)

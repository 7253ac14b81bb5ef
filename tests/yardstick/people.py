"""Patients with their studies, staff and numbers, drawn by a seed; and free texts into which identities are woven."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.yardstick import invented
from tests.yardstick.draw import Draw
from tests.yardstick.scoring import words

GENERIC = frozenset(
    "hospital memorial medical center clinic imaging institute university regional diagnostic partners oncology san "  # noqa: SIM905
    "veterans childrens infirmary saint mount lady our santa centre hospitalier klinikum ospedale northfield".split()
)
LO_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Name:
    """A person."""

    family: str
    given: str

    @property
    def dicom(self) -> str:
        """Return a DICOM person name."""
        return f"{self.family}^{self.given}"


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody with a history of one or more studies."""

    number: int
    name: Name
    maiden: Name
    patient_id: str
    other_id: str
    ssn: str
    birth: date
    sex: str
    age: str
    weight: str
    size: str
    street: str
    city: tuple[str, str, str]
    phone: str
    email: str
    insurance: str
    hospital: str
    referring: Name
    operator: Name
    reading: Name
    accession: str
    device: str
    station: str
    day: date

    def staff(self) -> tuple[Name, Name, Name]:
        """Return who took part."""
        return self.referring, self.operator, self.reading


@dataclass(frozen=True, slots=True)
class Text:
    """A free text: what it says, the clinical words in it, the identities by letter of the HIPAA classes."""

    text: str
    clinical: str
    removed: tuple[tuple[str, str], ...]


def person(draw: Draw, families: tuple[str, ...] = invented.FAMILIES) -> Name:
    """Return a person."""
    return Name(draw.pick(families), draw.pick(invented.GIVEN))


def patient(draw: Draw, number: int) -> Patient:
    """Return the patient of this number."""
    day = date(2019, 1, 2) + timedelta(days=draw.whole(0, 1900))
    age = draw.whole(19, 88)
    birth = day - timedelta(days=age * 365 + age // 4 + draw.whole(1, 300))
    years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    family = person(draw)
    staff = [person(draw, invented.OWN_WORDS if draw.chance(0.15) else invented.FAMILIES) for _ in range(3)]
    return Patient(
        number=number,
        name=family,
        maiden=Name(draw.pick([x for x in invented.FAMILIES if x != family.family]), family.given),
        patient_id=draw.pick((f"MR{draw.digits(7)}", draw.digits(8), f"PAT-{draw.digits(8)}")),
        other_id=f"EMPI{draw.digits(9)}",
        ssn=f"9{draw.digits(2)}-{draw.digits(2)}-{draw.digits(4)}",
        birth=birth,
        sex=draw.pick(("F", "M")),
        age=f"{years:03d}Y",
        weight=str(draw.whole(48, 119)),
        size=f"1.{draw.whole(51, 94)}",
        street=f"{draw.whole(2, 9899)} {draw.pick(invented.STREETS)}",
        city=draw.pick(invented.CITIES),
        phone=f"({draw.digits(3)}) 555-{draw.digits(4)}",
        email=f"{family.given}.{family.family}".lower().replace("'", "") + "@mailbox.example",
        insurance=f"INS-{draw.digits(9)}",
        hospital=draw.pick(invented.HOSPITALS),
        referring=staff[0],
        operator=staff[1],
        reading=staff[2],
        accession=f"{draw.pick(('ACC', 'E', 'RAD-'))}{draw.digits(8)}",
        device=f"SN{draw.digits(6)}",
        station=f"{draw.pick(('CTAWP', 'MRC', 'RM', 'SUITE'))}{draw.digits(5)}",
        day=day,
    )


def distinct(text: str) -> str:
    """Return the words of a place that are not words of the language."""
    return " ".join(word for word in text.split() if word.lower() not in GENERIC)


def _identities(draw: Draw, who: Patient) -> tuple[str, str, str]:
    """Return a text with an identity, the words of it that must go, and their HIPAA letter."""
    known, other = draw.pick((who.name, *who.staff())), person(draw)
    name = draw.pick((known, known, other))
    day = who.day - timedelta(days=draw.whole(0, 900))
    both = f"{name.family} {name.given}"
    number = draw.pick((who.patient_id, f"{draw.digits(7)}"))
    place = draw.pick((who.hospital, draw.pick(invented.HOSPITALS)))
    city, state, postal = who.city
    month = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")[day.month - 1]
    return draw.pick(
        (
            (f"{name.family}, {name.given}", both, "A"),
            (f"{name.given} {name.family}", both, "A"),
            (f"{name.family.upper()}^{name.given.upper()}", both, "A"),
            (f"{name.family}_{name.given}", both, "A"),
            (f"Dr. {name.family}", name.family, "A"),
            (f"DR {name.family.upper()}", name.family, "A"),
            (f"per Dr. {name.given} {name.family}", both, "A"),
            (f"{name.given} {name.family}, MD", both, "A"),
            (f"tech {name.family}", name.family, "A"),
            (f"Mrs. {name.family}", name.family, "A"),
            (f"nee {who.maiden.family}", who.maiden.family, "A"),
            (f"MRN {number}", number, "H"),
            (f"MRN#{number}", number, "H"),
            (f"ID: {number}", number, "H"),
            (f"ACC {who.accession}", who.accession, "R"),
            (f"accession {who.accession}", who.accession, "R"),
            (f"SSN {who.ssn}", who.ssn, "G"),
            (f"DOB {who.birth:%m/%d/%Y}", f"{who.birth:%m/%d/%Y}", "C"),
            (f"{day:%m/%d/%Y}", f"{day:%m/%d/%Y}", "C"),
            (f"on {day:%Y-%m-%d}", f"{day:%Y-%m-%d}", "C"),
            (f"{day:%d}-{month}-{day:%Y}", f"{day:%Y}", "C"),
            (f"{day:%Y%m%d}", f"{day:%Y%m%d}", "C"),
            (f"call {who.phone}", who.phone, "D"),
            (f"pager 555-{draw.digits(4)}", "555", "D"),
            (who.email, "mailbox", "F"),
            (f"at {place}", distinct(place), "B"),
            (f"from {city}", city, "B"),
            (f"{who.street}, {city} {state} {postal}", f"{who.street.split(' ', 1)[0]} {city} {postal}", "B"),
            (f"policy {who.insurance}", who.insurance, "I"),
            (f"https://pacs.{name.family.lower().replace(chr(39), '')}.example/st/{number}", number, "N"),
        )
    )


def describe(draw: Draw, who: Patient, clinical: str, *, limit: int = LO_LIMIT, share: float = 0.5) -> Text:
    """Return `clinical`, in a part of the cases with one or two identities woven in; never longer than `limit`."""
    if not draw.chance(share):
        return Text(clinical, clinical, ())
    for _ in range(12):
        phrase, gone, letter = _identities(draw, who)
        glue = draw.pick((" - ", " ", "; ", " / ", ", "))
        text = f"{clinical}{glue}{phrase}" if draw.chance(0.6) else f"{phrase}{glue}{clinical}"
        clash = any(word in clinical.lower() for word in words(gone))
        if len(text) <= limit and not clash:
            return Text(text, clinical, ((gone, letter),))
    return Text(clinical, clinical, ())

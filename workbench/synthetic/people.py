"""Invented people and places. Any likeness to a person is chance: names are put together from lists by a seed."""

from dataclasses import dataclass
from datetime import date

from workbench.synthetic.draw import Draw


@dataclass(frozen=True, slots=True)
class Person:
    """A patient. `name` is a DICOM person name, `romanized` what a device without the script would print."""

    name: str
    romanized: str
    birth_name: str
    alias: str
    patient_id: str
    other_id: str
    issuer: str
    birth_date: date
    sex: str
    phone: str
    street: str
    town: str
    occupation: str
    insurance: str
    charset: tuple[str, ...]

    @property
    def family(self) -> str:
        """Return the family name in Latin letters."""
        return self.romanized.split("^", maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Staff:
    """Who took part in a visit, as person names."""

    referring: str
    performing: str
    operator: str
    reading: str
    requesting: str


@dataclass(frozen=True, slots=True)
class Site:
    """Where the visit took place."""

    institution: str
    address: str
    department: str
    station: str
    ae_title: str
    ward: str
    phone: str


@dataclass(frozen=True, slots=True)
class Culture:
    """Lists from which one patient, the staff and the site of a kind of study are put together."""

    charset: tuple[str, ...]
    women: tuple[tuple[str, str], ...]
    """(given name, romanized)"""
    families: tuple[tuple[str, str], ...]
    scripts: dict[str, str]
    """Ideographic and phonetic groups of names that have them, joined by `=`."""
    streets: tuple[str, ...]
    towns: tuple[str, ...]
    hospitals: tuple[str, ...]
    occupations: tuple[str, ...]


def _plain(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names)


ENGLISH = Culture(
    charset=("ISO_IR 100",),
    women=_plain("Philippa", "Rosamund", "Thomasina", "Marigold"),
    families=_plain("Ollerenshaw", "Thistlewaite", "Featherstonhaugh", "Cholmondeley"),
    scripts={},
    streets=("14 Larkspur Crescent", "7 Tanyard Hill", "22 Cooperage Yard"),
    towns=("Nether Wallowby", "Upper Brackenthwaite", "Saltmarsh Quay"),
    hospitals=("Brackenthwaite Royal Infirmary", "Wallowby General Hospital"),
    occupations=("Lightship pilot", "Piano tuner", "Harbour pilot"),
)

GERMAN = Culture(
    charset=("ISO_IR 100",),
    women=(("Käthe", "Kaethe"), ("Bärbel", "Baerbel"), ("Jördis", "Joerdis")),
    families=(("Krähenbühl", "Kraehenbuehl"), ("Großmüller", "Grossmueller"), ("Schönefuß", "Schoenefuss")),
    scripts={},
    streets=("Mühlgäßchen 3", "Am Köhlerweg 18", "Rößlesteige 44"),
    towns=("Oberwiesenbrück", "Käferthalheim", "Süßbachhausen"),
    hospitals=("Klinikum Oberwiesenbrück", "St.-Ägidius-Krankenhaus Käferthalheim"),
    occupations=("Schülerlotsin", "Bürgermeisterin", "Försterin"),
)

JAPANESE = Culture(
    charset=("", "ISO 2022 IR 87"),
    women=(("英子", "Eiko"), ("由紀", "Yuki"), ("澄江", "Sumie")),
    families=(("名取", "Natori"), ("真壁", "Makabe"), ("安曇", "Azumi")),
    scripts={
        "Eiko": "えいこ",
        "Yuki": "ゆき",
        "Sumie": "すみえ",
        "Natori": "なとり",
        "Makabe": "まかべ",
        "Azumi": "あずみ",
    },
    streets=("Kamezawa 3-17-5", "Mizunuma 8-2-11", "Tachibana 1-20-6"),
    towns=("Mizunumashi", "Kamezawacho", "Tachibanamura"),
    hospitals=("Mizunuma Kyodo Byoin", "Kamezawa Shimin Byoin"),
    occupations=("Koto teacher", "Station master", "Tea merchant"),
)

POLISH = Culture(
    charset=("ISO_IR 192",),
    women=(("Świętosława", "Swietoslawa"), ("Bożydara", "Bozydara"), ("Małgorzata", "Malgorzata")),
    families=(("Wójcikiewicz", "Wojcikiewicz"), ("Żółkiewska", "Zolkiewska"), ("Brzęczyńska", "Brzeczynska")),
    scripts={},
    streets=("ul. Źródlana 9", "ul. Dębowa 31", "ul. Żurawia 12"),
    towns=("Świniołąka", "Trzęsówka", "Zabłędowo"),
    hospitals=("Szpital Powiatowy Trzęsówka", "Klinika Świętej Jadwigi"),
    occupations=("Pszczelarka", "Księgowa", "Skrzypaczka"),
)

SPANISH = Culture(
    charset=("ISO_IR 100",),
    women=(("Begoña", "Begona"), ("Verónica", "Veronica"), ("Encarnación", "Encarnacion")),
    families=(("Ibáñez-Echeverría", "Ibanez-Echeverria"), ("Núñez-Peñalver", "Nunez-Penalver")),
    scripts={},
    streets=("Calle Alcornoque 27", "Plaza del Peñón 5"),
    towns=("Villanueva del Carrascal", "Peñarroyuela"),
    hospitals=("Hospital Comarcal Peñarroyuela", "Hospital Virgen del Carrascal"),
    occupations=("Enóloga", "Bailaora", "Ceramista"),
)

STAFF_FAMILIES = (
    "Quillfeather",
    "Abernethy",
    "Vandersteen",
    "Okonjowicz",
    "Lindqvistson",
    "Tremblay-Roux",
    "Macgillivray",
)
STAFF_GIVEN = ("Ignatius", "Leocadia", "Barnabas", "Oktavia", "Fenella", "Crispin", "Wilhelmina")


def invent_person(draw: Draw, culture: Culture, *, issuer: str) -> Person:
    """Return a patient of `culture`."""
    family, latin_family = draw.pick(culture.families)
    given, latin_given = draw.pick(culture.women)
    birth_name, latin_birth_name = draw.pick([pair for pair in culture.families if pair[0] != family])
    romanized = f"{latin_family}^{latin_given}"
    name = f"{family}^{given}"
    if culture.scripts:
        phonetic = f"{culture.scripts[latin_family]}^{culture.scripts[latin_given]}"
        name, birth_name = f"{romanized}={family}^{given}={phonetic}", latin_birth_name
    return Person(
        name=name,
        romanized=romanized,
        birth_name=birth_name,
        alias=f"{latin_birth_name}^{latin_given[:1]}",
        patient_id=f"{latin_family[:2].upper()}-{draw.digits(7)}",
        other_id=draw.digits(9),
        issuer=issuer,
        birth_date=draw.day(date(1938, 1, 1), date(1989, 12, 31)),
        sex="F",
        phone=f"+00 {draw.digits(3)} {draw.digits(7)}",
        street=draw.pick(culture.streets),
        town=draw.pick(culture.towns),
        occupation=draw.pick(culture.occupations),
        insurance=f"INS{draw.digits(8)}",
        charset=culture.charset,
    )


def invent_staff(draw: Draw) -> Staff:
    """Return the people of a visit, each with another family name."""
    order = draw.generator.permutation(len(STAFF_FAMILIES))
    names = [f"{STAFF_FAMILIES[index]}^{draw.pick(STAFF_GIVEN)}" for index in order]
    return Staff(names[0], names[1], names[2], names[3], names[4])


def invent_site(draw: Draw, culture: Culture, *, department: str, modality: str) -> Site:
    """Return the site of a visit."""
    return Site(
        institution=draw.pick(culture.hospitals),
        address=f"{draw.pick(culture.streets)}, {draw.pick(culture.towns)}",
        department=department,
        station=f"{modality}-{draw.pick(('NORTH', 'EAST', 'ANNEX'))}{draw.whole(1, 9)}",
        ae_title=f"{modality}_SCU_{draw.digits(4)}",
        ward=f"Ward {draw.pick(('Kestrel', 'Heron', 'Plover'))} {draw.whole(2, 9)}B",
        phone=f"+00 {draw.digits(3)} {draw.digits(6)}",
    )

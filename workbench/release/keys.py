"""Which keys a directory record has (PS3.3 section F.5), and which record an instance gets (PS3.3 section F.4)."""

from typing import NamedTuple

_CLASS = "1.2.840.10008.5.1.4.1.1."
DATE = "19000101"
TIME = "000000"


class Key(NamedTuple):
    """A key of a record. `stand_in` makes a Type 1 key complete where de-identification left the instance's empty.

    A key without a stand-in is Type 2. `{n}` in a stand-in is the record's running number. The date of 1900 is the one
    that DCMTK invents in the same case: no reader takes it for a real one.
    """

    tag: int
    vr: str
    stand_in: str | None = None


CONCEPT_NAME = 0x0040A043
_NUMBER = Key(0x00200013, "IS", "{n}")
_CONTENT_TIME = (Key(0x00080023, "DA", DATE), Key(0x00080033, "TM", TIME))
_CONTENT_TIME_2 = (Key(0x00080023, "DA"), Key(0x00080033, "TM"))
_DOCUMENT = (*_CONTENT_TIME, _NUMBER, Key(CONCEPT_NAME, "SQ", "concept"))
_LABELLED = (
    *_CONTENT_TIME,
    _NUMBER,
    Key(0x00700080, "CS", "UNLABELLED"),
    Key(0x00700081, "LO"),
    Key(0x00700084, "PN"),
)

RECORD_KEYS: dict[str, tuple[Key, ...]] = {
    "PATIENT": (Key(0x00100010, "PN"), Key(0x00100020, "LO", "code")),
    "STUDY": (
        Key(0x00080020, "DA", DATE),
        Key(0x00080030, "TM", TIME),
        Key(0x00080050, "SH"),
        Key(0x00081030, "LO"),
        Key(0x0020000D, "UI"),
        Key(0x00200010, "SH", "{n}"),
    ),
    "SERIES": (Key(0x00080060, "CS", "OT"), Key(0x0020000E, "UI"), Key(0x00200011, "IS", "{n}")),
    "IMAGE": (_NUMBER,),
    "RADIOTHERAPY": (_NUMBER,),
    "STEREOMETRIC": (),
    "RT DOSE": (_NUMBER, Key(0x3004000A, "CS", "PLAN")),
    "RT STRUCTURE SET": (
        _NUMBER,
        Key(0x30060002, "SH", "UNLABELLED"),
        Key(0x30060008, "DA"),
        Key(0x30060009, "TM"),
    ),
    "RT PLAN": (_NUMBER, Key(0x300A0002, "SH", "UNLABELLED"), Key(0x300A0006, "DA"), Key(0x300A0007, "TM")),
    "RT TREAT RECORD": (_NUMBER, Key(0x30080250, "DA"), Key(0x30080251, "TM")),
    "PRESENTATION": (
        _NUMBER,
        Key(0x00700080, "CS", "UNLABELLED"),
        Key(0x00700081, "LO"),
        Key(0x00700082, "DA", DATE),
        Key(0x00700083, "TM", TIME),
        Key(0x00700084, "PN"),
    ),
    "WAVEFORM": (*_CONTENT_TIME, _NUMBER),
    "RAW DATA": (*_CONTENT_TIME, _NUMBER),
    "SURFACE SCAN": _CONTENT_TIME,
    "SR DOCUMENT": (*_DOCUMENT, Key(0x0040A491, "CS", "PARTIAL"), Key(0x0040A493, "CS", "UNVERIFIED")),
    "KEY OBJECT DOC": _DOCUMENT,
    "SPECTROSCOPY": (
        Key(0x00080008, "CS", "ORIGINAL\\PRIMARY"),
        *_CONTENT_TIME,
        _NUMBER,
        Key(0x00280008, "IS", "1"),
        Key(0x00280010, "US", "\x01\x00"),
        Key(0x00280011, "US", "\x01\x00"),
        Key(0x00289001, "UL", "\x01\x00\x00\x00"),
        Key(0x00289002, "UL", "\x01\x00\x00\x00"),
    ),
    "REGISTRATION": _LABELLED,
    "FIDUCIAL": _LABELLED,
    "VALUE MAP": _LABELLED,
    "MEASUREMENT": _LABELLED,
    "SURFACE": _LABELLED,
    "TRACT": _LABELLED,
    "ASSESSMENT": (Key(0x00080012, "DA", DATE), Key(0x00080013, "TM"), _NUMBER),
    "ENCAP DOC": (
        *_CONTENT_TIME_2,
        _NUMBER,
        Key(CONCEPT_NAME, "SQ"),
        Key(0x00420010, "ST"),
        Key(0x00420012, "LO", "application/octet-stream"),
    ),
}

CHARACTER_SET = Key(0x00080005, "CS")
DESCRIPTION = Key(0x0008103E, "LO")
VERIFIED_AT = Key(0x0040A030, "DT", DATE + TIME)
IF_PRESENT = (CHARACTER_SET, DESCRIPTION, VERIFIED_AT)
"""Keys that a record has only with a value: Type 3, and Verification DateTime (1C, of verified documents)."""

_BY_CLASS = {
    "4.2": "SPECTROSCOPY",
    "66": "RAW DATA",
    "66.1": "REGISTRATION",
    "66.3": "REGISTRATION",
    "66.2": "FIDUCIAL",
    "66.5": "SURFACE",
    "66.6": "TRACT",
    "67": "VALUE MAP",
    "68.1": "SURFACE SCAN",
    "68.2": "SURFACE SCAN",
    "77.1.5.3": "STEREOMETRIC",
    "80.1": "MEASUREMENT",
    "88.59": "KEY OBJECT DOC",
    "90.1": "ASSESSMENT",
    "131": "PRESENTATION",
    "481.2": "RT DOSE",
    "481.3": "RT STRUCTURE SET",
    "481.4": "RT TREAT RECORD",
    "481.6": "RT TREAT RECORD",
    "481.7": "RT TREAT RECORD",
    "481.9": "RT TREAT RECORD",
    "481.5": "RT PLAN",
    "481.8": "RT PLAN",
    # images of radiotherapy, not plans of the second generation
    "481.23": "IMAGE",
    "481.24": "IMAGE",
    "481.1": "IMAGE",
}
_BY_FAMILY = {
    "9": "WAVEFORM",
    "11": "PRESENTATION",
    "78": "MEASUREMENT",
    "88": "SR DOCUMENT",
    "104": "ENCAP DOC",
    "481": "RADIOTHERAPY",
}


def record_type(sop_class: str) -> str:
    """Return the Directory Record Type (PS3.3 table F.4-1) for instances of a SOP class. IMAGE when none is special."""
    if not sop_class.startswith(_CLASS):
        return "IMAGE"
    number = sop_class.removeprefix(_CLASS)
    return _BY_CLASS.get(number) or _BY_FAMILY.get(number.partition(".")[0], "IMAGE")

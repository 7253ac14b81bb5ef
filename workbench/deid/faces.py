"""Whether a patient might be recognised by what an object shows: recognisable features possible (PS3.15 E.3.2).

A face can be rebuilt from thin slices of a head. Header and geometry say whether slices may be of one: what the object
says of the body, and whether what it shows is large and fine enough. What they do not say counts as possible. Nothing
here looks at pixels, and nothing removes a feature: a person accepts such objects by name, or they stay.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from workbench.dicom.elements import Element
from workbench.dicom.instance import Instance

SOP_CLASS: Final = 0x00080016
IMAGE_TYPE: Final = 0x00080008
MODALITY: Final = 0x00080060
BODY_PART: Final = 0x00180015
SLICE_THICKNESS: Final = 0x00180050
PIXEL_SPACING: Final = 0x00280030
ROWS: Final = 0x00280010
COLUMNS: Final = 0x00280011
RECOGNISABLE: Final = 0x00280302
"""Recognizable Visual Features. YES is believed; NO is not, for nobody can check it here."""

DESCRIPTIONS: Final = (0x00081030, 0x0008103E, 0x00181030, 0x00321060, 0x00400254)
"""Study and Series Description, Protocol Name, Requested Procedure and Performed Procedure Step Description."""

TAGS: Final = frozenset(
    {
        *(SOP_CLASS, IMAGE_TYPE, MODALITY, BODY_PART, SLICE_THICKNESS, PIXEL_SPACING, ROWS, COLUMNS, RECOGNISABLE),
        *DESCRIPTIONS,
    }
)

_ANATOMIC_REGION: Final = 0x00082218
_CODE_VALUE: Final = 0x00080100
_CODE_MEANING: Final = 0x00080104
_SHARED: Final = 0x52009229
_PER_FRAME: Final = 0x52009230

_STORAGE: Final = b"1.2.840.10008.5.1.4.1.1."
_SLICES: Final = {
    _STORAGE + number
    for number in (b"2", b"2.1", b"2.2", b"4", b"4.1", b"4.3", b"4.4", b"128", b"128.1", b"130", b"13.1.1")
}
"""CT, MR, PET and X-Ray 3D angiography, enhanced and converted ones included."""
_CRANIOFACIAL: Final = _STORAGE + b"13.1.2"
_CAPTURE: Final = _STORAGE + b"7"
_PHOTOGRAPHS: Final = tuple(_STORAGE + b"77.1." + number for number in (b"1", b"4", b"5", b"7"))
"""Endoscopy, photography, ophthalmic and dermoscopic images. Microscopy shows tissue, and is none of them."""
_LIGHT: Final = frozenset({b"XC", b"ES", b"OP", b"OPT", b"DMS"})

_HEAD: Final = re.compile(
    rb"HEAD|BRAIN|SKULL|CRANI|CEREB|ENCEPH|NEURO|\bFACE|FACIAL|MAXILL|MANDIB|\bJAW|\bTMJ|\bDENT|SINUS|ORBIT|\bEYES?\b"
    rb"|\bEARS?\b|\bIAC\b|COCHLEA|PETROUS|MASTOID|TEMPORAL|NASAL|NASO|\bNOSE|NECK|CAROTID|WILLIS|\bTOF\b|PITUIT"
    rb"|HYPOPHY|\bSELLA|STROKE|VERTEX|PAROTI|LARYN|PHARYN|TONGUE|\bC-? ?SPINE|CERVICAL|KOPF|HIRN|SCH.{1,2}DEL|\bHALS"
    rb"|\bT.{1,2}TE\b|\bCR.{1,2}NE\b|CERVEAU|\bCOU\b|CABEZA|CEREBRO|\bTESTA\b|\bCOLLO\b|CRANIO|CABE.{1,2}A"
    rb"|WHOLE.?BODY|TOTAL.?BODY|\bWB\b|GANZK|CORPS ENTIER|CUERPO ENTERO"
)
"""Words for a head, for what is near one, and for whole bodies, as consoles and coded concepts write them."""
_HEAD_CODES: Final = frozenset(
    {
        *(b"69536005", b"12738006", b"89545001", b"89546000", b"45048000", b"774007", b"38266002", b"81745001"),
        *(b"T-D1100", b"T-A0100", b"T-D1200", b"T-11100", b"T-D1600", b"T-D1000", b"T-D0010", b"T-AA000"),
    }
)
"""Head, brain, face, skull, neck, head and neck, entire body, eye: SNOMED CT and its former codes (CID 4031)."""

_ELSEWHERE: Final = re.compile(
    rb"ABD|ADRENAL|ANKLE|AORT|ARM\b|AXILLA|BACK\b|BILE|BLADDER|BREAST|BRONCH|BUTTOCK|CALCAN|CALF|CARDIA|CHEST|CLAVICLE"
    rb"|COCCYX|COLON|CORONAR|DUODEN|ELBOW|ESOPHAG|EXTREM|FEMUR|FIBULA|FINGER|FOOT|FOREARM|GALLBL|HAND\b|HEART|HEPAT|HIP"
    rb"|HUMER|ILE[OU]M|ILIUM|INTESTIN|JEJUN|KIDNEY|KNEE|LEG\b|LIVER|LOWER LIMB|LUMB|LUNG|LS?SPINE|L-SPINE|MEDIASTIN"
    rb"|PANCREA|PELVI|PENIS|PROSTAT|PULMON|RADIUS|RECTUM|RENAL|RIBS?\b|SACR|SCAPULA|SCROT|SHOULDER|SI ?JOINT|SPLEEN"
    rb"|STERN|STOMACH|TESTIS|THIGH|THORA|THUMB|TIBIA|TLSPINE|TOES?\b|TSPINE|T-SPINE|ULNA|UPPER LIMB|URET|URIN|UTER"
    rb"|VAGINA|WRIST"
)
"""How Body Part Examined, or a coded region, begins that is of another part of the body."""
_EXAMINED_ELSEWHERE: Final = re.compile(
    rb"\b(?:CHEST|THORAX|LUNGS?|HEART|CARDIAC|CORONARY|BREASTS?|ABDOMEN|ABD|LIVER|PANCREAS|KIDNEYS?|RENAL|PELVIS|PROSTATE"
    rb"|BLADDER|UTERUS|HIPS?|KNEES?|ANKLES?|FOOT|FEET|WRISTS?|HANDS?|ELBOWS?|SHOULDERS?|FEMUR|TIBIA|L-?SPINE|LSPINE"
    rb"|T-?SPINE|TSPINE|LUMBAR|THORACIC|SACRUM|COLON|BOWEL|RECTUM|BRUST|LUNGE|HERZ|BAUCH|BECKEN|KNIE|THORACIQUE|ABDOMINAL"
    rb"|POUMON|BASSIN|GENOU|TORAX|PULMON|RODILLA|CADERA)\b"
)
"""Whole words of a description that name the part of the body that was examined, when it is not the head."""
_RENDERED: Final = re.compile(rb"\b3D\b|\bVR\b|VRT|RENDER|\bSSD\b|SURFACE|CINEMATIC")

_SMALLEST: Final = 100.0
"""Millimetres: no face fits in less."""
_THICKEST: Final = 6.0
"""Millimetres: slices farther apart give no surface in which a face could be recognised."""


class Anatomy(NamedTuple):
    """What sequences say of the body and of the geometry: codes and meanings of regions, pixel spacing, thickness."""

    regions: tuple[bytes, ...] = ()
    spacing: bytes = b""
    thickness: bytes = b""


UNSAID: Final = Anatomy()


def shows_features(values: Mapping[int, bytes], anatomy: Anatomy = UNSAID) -> bool:
    """Tell whether recognisable features are possible in an object with these values of `TAGS`.

    They are in photographs and other images by visible light, but for microscopy; in CT, MR and PET slices of a head,
    or of nobody knows what, when they are thin and large enough to hold a face; in pictures rendered from such; and
    where Recognizable Visual Features says YES.
    """
    told = (values.get(tag, b"") for tag in _ORDER)
    return _shows_features(
        tuple(
            value if tag in (ROWS, COLUMNS) else value.strip(b" \0").upper()
            for tag, value in zip(_ORDER, told, strict=True)
        ),
        anatomy,
    )


_ORDER: Final = tuple(sorted(TAGS))


@lru_cache(maxsize=512)
def _shows_features(values: tuple[bytes, ...], anatomy: Anatomy) -> bool:
    # Slices of a series say the same, so that few of them are ever judged.
    found = dict(zip(_ORDER, values, strict=True))
    sop_class = found[SOP_CLASS]
    if found[RECOGNISABLE] == b"YES" or found[MODALITY] in _LIGHT or sop_class == _CRANIOFACIAL:
        return True
    if any(sop_class == each or sop_class.startswith(each + b".") for each in _PHOTOGRAPHS):
        return True
    words = b" ".join((found[BODY_PART], *anatomy.regions, *(found[tag] for tag in DESCRIPTIONS)))
    of_head = _HEAD.search(words.replace(b"_", b" ")) is not None or not _HEAD_CODES.isdisjoint(anatomy.regions)
    told = b" ".join(found[tag] for tag in DESCRIPTIONS).replace(b"_", b" ")
    elsewhere = any(_ELSEWHERE.match(each) for each in (found[BODY_PART], *anatomy.regions)) or (
        not (found[BODY_PART] or anatomy.regions) and _EXAMINED_ELSEWHERE.search(told) is not None
    )
    if elsewhere and not of_head:
        return False
    if sop_class == _CAPTURE or sop_class.startswith(_CAPTURE + b"."):
        return _RENDERED.search(b" ".join((found[IMAGE_TYPE], words)).replace(b"_", b" ")) is not None
    return sop_class in _SLICES and _may_be_rebuilt(found, anatomy) and (of_head or _holds_a_face(found, anatomy))


def _may_be_rebuilt(found: Mapping[int, bytes], anatomy: Anatomy) -> bool:
    """Tell whether a slice is thin enough for a surface, and no projection."""
    if found[MODALITY] == b"CT" and b"LOCALIZER" in found[IMAGE_TYPE].split(b"\\"):
        return False
    thickness = _numbers(found[SLICE_THICKNESS] or anatomy.thickness)
    return not thickness or thickness[0] <= _THICKEST


def _holds_a_face(found: Mapping[int, bytes], anatomy: Anatomy) -> bool:
    """Tell whether the field of view is large enough; one that is not told is."""
    spacing = _numbers(found[PIXEL_SPACING] or anatomy.spacing)
    sizes = [int.from_bytes(found[tag], "little") for tag in (ROWS, COLUMNS) if found[tag]]
    if len(spacing) != 2 or len(sizes) != 2 or not all(spacing):
        return True
    return min(size * step for size, step in zip(sizes, spacing, strict=True)) >= _SMALLEST


def _numbers(value: bytes) -> list[float]:
    try:
        return [float(part) for part in value.split(b"\\")] if value else []
    except ValueError:
        return []


def anatomy_of(instance: Instance) -> Anatomy:
    """Return what Anatomic Region Sequence, and the functional groups that frames share, say.

    Of functional groups of single frames the first is read.
    """
    by_tag = instance.by_tag
    if not (_ANATOMIC_REGION in by_tag or _SHARED in by_tag or _PER_FRAME in by_tag):
        return UNSAID
    tops = [by_tag[tag] for tag in (_ANATOMIC_REGION, _SHARED) if tag in by_tag]
    if _PER_FRAME in by_tag and by_tag[_PER_FRAME][5]:
        first = by_tag[_PER_FRAME][5] or []
        tops += first[0]
    leaves = dict[int, list[bytes]]()
    for tag, value in _leaves(instance, tops):
        leaves.setdefault(tag, []).append(value)
    spacing, thickness = (next(iter(leaves.get(tag, ())), b"") for tag in (PIXEL_SPACING, SLICE_THICKNESS))
    return Anatomy(tuple(leaves.get(_ANATOMIC_REGION, ())), spacing, thickness)


def _leaves(instance: Instance, elements: Sequence[Element], *, region: bool = False) -> Iterator[tuple[int, bytes]]:
    """Yield the values that count: codes and meanings of regions under the tag of their sequence."""
    for tag, _vr, _start, at, length, items in elements:
        if items is not None:
            for item in items:
                yield from _leaves(instance, item, region=region or tag == _ANATOMIC_REGION)
        elif tag in (PIXEL_SPACING, SLICE_THICKNESS) or (region and tag in (_CODE_VALUE, _CODE_MEANING)):
            value = instance.buffer[at : at + length].strip(b" \0").upper()
            yield (_ANATOMIC_REGION if region else tag), bytes(value)

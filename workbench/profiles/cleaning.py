"""How a value that an option cleans is cleaned: `Rule.kind` for the letter C of Table E.1-1 (PS3.15 E.3)."""

from typing import Final

from workbench.standard.dictionary import vr_of

GRAPHIC_ANNOTATION: Final = 0x00700001

STRUCTURED: Final = frozenset({0x0040A730, 0x00400555, 0x00400610, 0x0040B020})
"""Content, Acquisition Context, Specimen Preparation and Waveform Annotation Sequence: trees of content items."""

CODED: Final = frozenset({0x00080100, 0x00080102, 0x00080103, 0x00080119, 0x0008010F, 0x00080105, 0x0040DB00})
"""Code Value, Coding Scheme Designator and Version, Long Code Value, Context and Template Identifier, Mapping Resource:
parts of a code, which is right as a whole or not at all."""

CODE_MEANING: Final = 0x00080104

CODE_TRIPLE: Final = frozenset({0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080119})
"""What a code is: value, scheme, version of the scheme, meaning, long value (PS3.3 8.1, 8.2)."""

MAKERS: Final = frozenset(
    {
        0x00080070,  # Manufacturer
        0x00081090,  # Manufacturer's Model Name
        0x00181016,  # Secondary Capture Device Manufacturer
        0x00181017,  # Hardcopy Device Manufacturer
        0x00181018,  # Secondary Capture Device Manufacturer's Model Name
        0x0018101B,  # Hardcopy Device Manufacturer's Model Name
        0x0018702A,  # Detector Manufacturer Name
        0x00189041,  # Receive Coil Manufacturer Name
        0x00189050,  # Transmit Coil Manufacturer Name
        0x00189526,  # Application Manufacturer
        0x00203404,  # Modifying Device Manufacturer
        0x00221093,  # IOL Manufacturer
        0x300A0238,  # Application Setup Manufacturer
        0x300A0298,  # Source Applicator Manufacturer
    }
)
"""Names of makers and products, a closed class and no descriptors: known or not, as a whole, whatever else bears it."""

_BY_VR: Final = {
    **dict.fromkeys(("DA", "TM", "DT"), "date"),
    **dict.fromkeys(("LO", "SH", "ST", "LT", "UT", "UC"), "text"),
    "CS": "term",
    "AS": "age",
    "AE": "code",
}


def kind_of(tag: int) -> str:
    """Return how a value of this attribute is cleaned, by its VR in the dictionary; empty when it cannot be."""
    if tag == GRAPHIC_ANNOTATION:
        return "graphics"
    if tag in STRUCTURED:
        return "structured"
    if tag in CODED or tag in MAKERS:
        return "term"
    return _BY_VR.get(vr_of(tag) or "", "")

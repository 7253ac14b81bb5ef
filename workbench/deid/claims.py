"""What an output says of its own de-identification (PS3.15 E.1.1 steps 5 to 7, PS3.3 C.12.1.4.1.1, CID 7050).

Codes are true of this output. What a former de-identifier claimed is repeated where it still is: that something was
cleaned holds on where the output can show it; what was retained, or needs evidence, is for this plan to say. Its words
stay when they pass the check that all text passes.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from workbench import __version__
from workbench.dicom.encode import element, sequence
from workbench.dicom.instance import Instance
from workbench.profiles.plan import Plan
from workbench.records.code import Code
from workbench.standard.cid7050 import CODES

DERIVATION: Final = 0x00082111
PATIENT_IDENTITY_REMOVED: Final = 0x00120062
METHOD: Final = 0x00120063
METHOD_CODES: Final = 0x00120064
BURNED_IN: Final = 0x00280301
LONGITUDINAL: Final = 0x00280303
TAGS: Final = frozenset({METHOD, LONGITUDINAL})

CODE_VALUE: Final = 0x00080100
CODING_SCHEME: Final = 0x00080102

ORIGIN: Final = "claim of this de-identification"

_LASTING: Final = {CODES[name].value: CODES[name] for name in ("basic", "clean_graphics", "clean_structured_content")}
"""What was cleaned once stays clean, for nothing is ever put back. Not those that only evidence can support (pixels,
faces, descriptors): whether it was ever done nobody can tell here, and what is not known to be done is not claimed."""

_MOST_FORMER: Final = 32

_BLACKENED: Final = b"Burned-in text and codes were blackened in the stored values (Clean Pixel Data Option)."
_LONGEST_TEXT: Final = 1024
"""Characters of a value of ST."""


class Claim(NamedTuple):
    """An element as it is written, and its value as a Change tells it (of the code sequence: codes and meanings)."""

    element: bytes
    value: bytes


class Former(NamedTuple):
    """What of a former de-identifier's claims is repeated: values of the method, codes, and what became of dates."""

    methods: tuple[bytes, ...] = ()
    codes: tuple[Code, ...] = ()
    longitudinal: str = ""


NO_FORMER: Final = Former()


def claims(
    plan: Plan, *, explicit: bool, former: Former = NO_FORMER, evidence: Sequence[str] = (), pixels: bool = False
) -> dict[int, Claim]:
    """Return what says, by tag, what was done. They replace what stands there.

    `evidence` are the values that name evidence (`evidence.method_value`), none when no code needs any. With `pixels`
    the output claims that its pixels were cleaned.
    """
    # The digest fills a whole value of LO; the pad byte must fall on another one.
    method = "\\".join(
        [f"deid-workbench {__version__}", plan.digest, *evidence, f"{plan.profile} version {plan.version}"]
    )
    codes = [*plan.codes, *(code for code in former.codes if code not in plan.codes)]
    if pixels:
        codes = sorted([*codes, CODES["clean_pixel_data"]], key=lambda code: code.value)
    items = [
        element(CODE_VALUE, b"SH", code.value.encode(), explicit=explicit)
        + element(CODING_SCHEME, b"SH", code.scheme.encode(), explicit=explicit)
        + element(0x00080104, b"LO", code.meaning.encode(), explicit=explicit)
        for code in codes
    ]
    # Dates that somebody changed before are not the original ones, even when this plan leaves them as they came.
    longitudinal = (plan.longitudinal == "UNMODIFIED" and former.longitudinal) or plan.longitudinal
    values = {
        PATIENT_IDENTITY_REMOVED: (b"CS", b"YES"),
        METHOD: (b"LO", b"\\".join((*former.methods, method.encode()))),
        LONGITUDINAL: (b"CS", longitudinal.encode()),
        **({BURNED_IN: (b"CS", b"NO")} if pixels else {}),
    }
    said = {tag: Claim(element(tag, vr, value, explicit=explicit), value) for tag, (vr, value) in values.items()}
    names = b", ".join(f"{code.value} {code.meaning}".encode() for code in codes)
    return said | {METHOD_CODES: Claim(sequence(METHOD_CODES, items, explicit=explicit), names)}


def derivation(kept: bytes, *, explicit: bool) -> Claim:
    """Return the Derivation Description of an image in which something was blackened: what is left of it, and this.

    A text that leaves no room stays as it is; the method codes say the same.
    """
    text = kept.strip(b" \0")
    value = b" ".join([text, _BLACKENED]) if text else _BLACKENED
    value = value if len(value) <= _LONGEST_TEXT else text
    return Claim(element(DERIVATION, b"ST", value, explicit=explicit), value)


def former_claims(instance: Instance) -> Former:
    """Return what a former de-identifier claimed, its words not checked yet."""
    values = instance.values(TAGS)
    methods = [part.strip(b" \0") for part in values.get(METHOD, b"").split(b"\\")]
    dates = values.get(LONGITUDINAL, b"").strip(b" \0")
    return Former(
        methods=tuple(part for part in methods if part)[:_MOST_FORMER],
        codes=tuple(dict.fromkeys(_codes(instance))),
        longitudinal=dates.decode() if dates in (b"MODIFIED", b"REMOVED") else "",
    )


def _codes(instance: Instance) -> Sequence[Code]:
    found = instance.by_tag.get(METHOD_CODES)
    buffer, codes = instance.buffer, []
    for item in (found[5] or []) if found is not None else []:
        texts = {
            tag: buffer[value : value + length].strip(b" \0").decode("latin-1")
            for tag, _vr, _start, value, length, items in item
            if tag in (CODE_VALUE, CODING_SCHEME) and items is None
        }
        code = _LASTING.get(texts.get(CODE_VALUE, ""))
        if code is not None and texts.get(CODING_SCHEME) == code.scheme:
            codes.append(code)
    return codes

"""Write `data/vr.txt`, `data/attributes.txt` and `data/later.txt` from the dictionary of pydicom and later attributes.

Run: `python -m workbench.standard.build.dictionary`.
"""

from pathlib import Path

import pydicom
from pydicom._dicom_dict import DicomDictionary

DATA = Path(__file__).resolve().parents[1] / "data"

LATER: dict[int, tuple[str, str, str, str]] = {
    0x00081301: ("SQ", "1", "Principal Diagnosis Code Sequence", "PrincipalDiagnosisCodeSequence"),
    0x00081302: ("SQ", "1", "Primary Diagnosis Code Sequence", "PrimaryDiagnosisCodeSequence"),
    0x00081303: ("SQ", "1", "Secondary Diagnoses Code Sequence", "SecondaryDiagnosesCodeSequence"),
    0x00081304: ("SQ", "1", "Histological Diagnoses Code Sequence", "HistologicalDiagnosesCodeSequence"),
    0x00100011: ("SQ", "1", "Person Names to Use Sequence", "PersonNamesToUseSequence"),
    0x00100012: ("LT", "1", "Name to Use", "NameToUse"),
    0x00100013: ("UT", "1", "Name to Use Comment", "NameToUseComment"),
    0x00100014: ("SQ", "1", "Third Person Pronouns Sequence", "ThirdPersonPronounsSequence"),
    0x00100015: ("SQ", "1", "Pronoun Code Sequence", "PronounCodeSequence"),
    0x00100016: ("UT", "1", "Pronoun Comment", "PronounComment"),
    0x00100041: ("SQ", "1", "Gender Identity Sequence", "GenderIdentitySequence"),
    0x00100042: (
        "UT",
        "1",
        "Sex Parameters for Clinical Use Category Comment",
        "SexParametersForClinicalUseCategoryComment",
    ),
    0x00100043: (
        "SQ",
        "1",
        "Sex Parameters for Clinical Use Category Sequence",
        "SexParametersForClinicalUseCategorySequence",
    ),
    0x00100044: ("SQ", "1", "Gender Identity Code Sequence", "GenderIdentityCodeSequence"),
    0x00100045: ("UT", "1", "Gender Identity Comment", "GenderIdentityComment"),
    0x00100046: (
        "SQ",
        "1",
        "Sex Parameters for Clinical Use Category Code Sequence",
        "SexParametersForClinicalUseCategoryCodeSequence",
    ),
    0x00100047: (
        "UR",
        "1-n",
        "Sex Parameters for Clinical Use Category Reference",
        "SexParametersForClinicalUseCategoryReference",
    ),
    0x00102162: ("UC", "1-n", "Ethnic Groups", "EthnicGroups"),
    0x0040A034: ("DT", "1", "Effective Start DateTime", "EffectiveStartDateTime"),
    0x0040A035: ("DT", "1", "Effective Stop DateTime", "EffectiveStopDateTime"),
    0x0040B034: ("DT", "1", "Annotation DateTime", "AnnotationDateTime"),
    0x0040B036: ("DT", "1", "Segment Definition DateTime", "SegmentDefinitionDateTime"),
    0x0040B03B: ("LO", "1", "Montage Name", "MontageName"),
    0x0040B03F: ("LO", "1", "Montage Channel Label", "MontageChannelLabel"),
    0x0040E012: ("UR", "1", "Display URI", "DisplayURI"),
    0x3004007F: ("LO", "1", "Dose Calculation Model Name", "DoseCalculationModelName"),
}
"""Rows of Table E.1-1 (2026d) that the dictionary of pydicom 3.0 does not have; VR, VM, name and keyword of PS3.6."""


def main() -> None:
    """Write the files."""
    for name, text in render().items():
        (DATA / name).write_text(text, encoding="utf-8")


def render() -> dict[str, str]:
    """Return `vr.txt`, `attributes.txt` (tag, name, keyword) and `later.txt` (what pydicom lacks) by name."""
    entries = {tag: (vr, vm, name, keyword) for tag, (vr, vm, name, _, keyword) in DicomDictionary.items()}
    later = {tag: entry for tag, entry in LATER.items() if tag not in entries}
    entries |= later
    source = f"PS3.6 as in the dictionary of pydicom {pydicom.__version__}, and the later rows of Table E.1-1"
    names = [_line(tag, name, keyword) for tag, (_, _, name, keyword) in sorted(entries.items())]
    return {
        "vr.txt": _text(f"VR and its tags. {source}.", _by_vr({tag: entry[0] for tag, entry in entries.items()})),
        "attributes.txt": _text(f"tag, name, keyword. {source}.", names),
        "later.txt": _text(
            "tag, VR, VM, name, keyword of what pydicom 3.0 lacks. PS3.6 2026d.",
            [_line(tag, *entry) for tag, entry in later.items()],
        ),
    }


def _by_vr(values: dict[int, str]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for tag, vr in sorted(values.items()):
        if vr != "NONE":
            groups.setdefault(vr, []).append(f"{tag:08X}")
    return [f"{vr}\t{' '.join(tags)}" for vr, tags in sorted(groups.items())]


def _line(tag: int, *fields: str) -> str:
    return "\t".join((f"{tag:08X}", *fields))


def _text(title: str, lines: list[str]) -> str:
    return f"# {title} Written by workbench.standard.build.dictionary; do not edit.\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

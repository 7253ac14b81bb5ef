"""What a profile is made for under HIPAA, in words that sheet, study page, package and manifest repeat."""

from typing import Final, NamedTuple


class Law(NamedTuple):
    """`label` for lists, `says` for whoever reads the output, `kind` is what the package calls its content."""

    label: str
    says: str
    kind: str


LAWS: Final[dict[str, Law]] = {
    "": Law(
        "no HIPAA class of its own",
        "The profile by itself stands for no class of HIPAA. What the release rests on is what its sender states as "
        "the basis.",
        "De-identified DICOM",
    ),
    "safe-harbor": Law(
        "HIPAA Safe Harbor",
        "Prepared for the Safe Harbor, 45 CFR 164.514(b)(2): the eighteen classes of identifiers are taken out, and "
        "patient codes were drawn at random.",
        "De-identified DICOM",
    ),
    "limited-data-set": Law(
        "HIPAA limited data set",
        "A limited data set, 45 CFR 164.514(e): still protected health information. Use it only as the data use "
        "agreement says; do not try to find out or contact whom it is about.",
        "Limited data set, DICOM",
    ),
    "expert-determination": Law(
        "HIPAA expert determination",
        "Prepared under an expert determination, 45 CFR 164.514(b)(1), for this profile exactly and until the expert's "
        "date.",
        "De-identified DICOM",
    ),
    "treatment": Law(
        "PHI for treatment",
        "Protected health information, pseudonymised, for treatment, 45 CFR 164.506. Dates may be real or shifted. "
        "Treat it as a patient's record.",
        "Pseudonymised patient data (PHI) for treatment, DICOM",
    ),
}
"""By the code in a profile. Nothing here may call data for treatment de-identified; a test holds it to that."""


def law_of(code: str) -> Law:
    """Return the words for a code; one that is not known promises nothing."""
    return LAWS.get(code, LAWS[""])

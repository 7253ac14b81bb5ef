"""CID 7050 De-identification Method: the codes that (0012,0064) may claim (PS3.16, scheme DCM)."""

from typing import Final

from workbench.records.code import Code

SOURCE: Final = "DICOM PS3.16 CID 7050, edition 2026d"

BASIC: Final = Code("113100", "DCM", "Basic Application Confidentiality Profile")

CODES: Final[dict[str, Code]] = {
    "basic": BASIC,
    "clean_pixel_data": Code("113101", "DCM", "Clean Pixel Data Option"),
    "clean_recognizable_visual_features": Code("113102", "DCM", "Clean Recognizable Visual Features Option"),
    "clean_graphics": Code("113103", "DCM", "Clean Graphics Option"),
    "clean_structured_content": Code("113104", "DCM", "Clean Structured Content Option"),
    "clean_descriptors": Code("113105", "DCM", "Clean Descriptors Option"),
    "retain_longitudinal_full_dates": Code(
        "113106", "DCM", "Retain Longitudinal Temporal Information Full Dates Option"
    ),
    "retain_longitudinal_modified_dates": Code(
        "113107", "DCM", "Retain Longitudinal Temporal Information Modified Dates Option"
    ),
    "retain_patient_characteristics": Code("113108", "DCM", "Retain Patient Characteristics Option"),
    "retain_device_identity": Code("113109", "DCM", "Retain Device Identity Option"),
    "retain_uids": Code("113110", "DCM", "Retain UIDs Option"),
    "retain_safe_private": Code("113111", "DCM", "Retain Safe Private Option"),
    "retain_institution_identity": Code("113112", "DCM", "Retain Institution Identity Option"),
}
"""Name of the option → its code; `basic` stands for the profile itself."""

OPTIONS: Final = tuple(name for name in CODES if name != "basic")
"""The twelve options, in the order of their codes."""

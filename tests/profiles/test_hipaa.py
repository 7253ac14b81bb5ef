"""What shipped profiles say of HIPAA is true, and profiles that are weaker are caught, class by class."""

from dataclasses import replace
from datetime import date

import pytest

from workbench import profiles
from workbench.profiles import identifier_classes
from workbench.profiles.checking import COVERED, NOT_COVERED, OPEN, check_law
from workbench.profiles.compiling import plan_of
from workbench.profiles.identifier_classes import CLASSES
from workbench.records.errors import ProfileError
from workbench.standard.dictionary import keyword_of, tag_of, vr_of
from workbench.standard.table import ROWS

LETTERS = "ABCDEFGHIJKLMNOPQR"

NO_IDENTIFIER = {
    "PatientSex",
    "PatientSize",
    "PatientWeight",
    "SmokingStatus",
    "PregnancyStatus",
    "PatientSexNeutered",
    "LensSpecification",
    "InstanceOriginStatus",
    "ReasonForTheAttributeModification",
    "EncapsulatedDocument",
    "MakerNote",
    "DeviceSettingDescription",
    "Arbitrary",
    "DataSetTrailingPadding",
}
"""Rows beyond the eighteen classes: characteristics, and bytes that go whole. Text and sequences are judged apart."""


def at(keyword: str) -> int:
    tag = tag_of(keyword)
    assert tag is not None, keyword
    return tag


def plan(name: str):
    return profiles.compile_plan(profiles.load(name))


def failed(profile, law: str = "") -> set[str]:
    verdict = check_law(plan_of(profile), law)
    return {each.letter for each in verdict.classes if each.status == NOT_COVERED}


@pytest.fixture
def own(tmp_path):
    def load(text: str):
        path = tmp_path / "own.yaml"
        path.write_text(f"profile: own\nversion: 1\ntitle: T\n{text}\n", encoding="utf-8")
        return profiles.load(str(path))

    return load


def test_the_eighteen_classes_and_the_sixteen_are_all_there():
    assert "".join(each.letter for each in CLASSES) == LETTERS
    numerals = [each.limited for each in CLASSES if each.limited]
    assert numerals == [
        "i",
        "ii",
        "iii",
        "iv",
        "v",
        "vi",
        "vii",
        "viii",
        "ix",
        "x",
        "xi",
        "xii",
        "xiii",
        "xiv",
        "xv",
        "xvi",
    ]


@pytest.mark.parametrize(
    ("letter", "keyword"),
    [
        ("A", "PatientName"),
        ("A", "PatientMotherBirthName"),
        ("A", "OperatorIdentificationSequence"),
        ("A", "EvaluatorName"),
        ("B", "PatientAddress"),
        ("B", "InstitutionName"),
        ("B", "RegionOfResidence"),
        ("B", "GPSLatitude"),
        ("C", "PatientBirthDate"),
        ("C", "PatientAge"),
        ("C", "AcquisitionDateTime"),
        ("C", "PatientBirthDateInAlternativeCalendar"),
        ("D", "PatientTelephoneNumbers"),
        ("F", "PatientTelecomInformation"),
        ("H", "PatientID"),
        ("H", "MedicalRecordLocator"),
        ("I", "InsurancePlanIdentification"),
        ("J", "AccessionNumber"),
        ("J", "PlacerOrderNumberImagingServiceRequest"),
        ("K", "CertificateOfSigner"),
        ("M", "DeviceSerialNumber"),
        ("M", "UniqueDeviceIdentifier"),
        ("M", "StationName"),
        ("N", "RetrieveURL"),
        ("O", "StationAETitle"),
        ("O", "NTPSourceAddress"),
        ("Q", "ReferencedPatientPhotoSequence"),
        ("R", "SOPInstanceUID"),
        ("R", "SpecimenIdentifier"),
        ("R", "StudyID"),
        ("R", "TrackingID"),
    ],
)
def test_attributes_are_found_in_their_class(letter, keyword):
    (each,) = (each for each in CLASSES if each.letter == letter)
    assert at(keyword) in set(identifier_classes.attributes_of(each))


def test_every_row_is_in_a_class_or_is_text_or_a_sequence_or_known_to_be_no_identifier():
    classed = {tag for each in CLASSES for tag in identifier_classes.attributes_of(each)}
    texts = set(identifier_classes.texts())
    for tag in ROWS:
        if tag >> 16 in {0x0000, 0x0002, 0x0004} or tag in classed or tag in texts or vr_of(tag) == "SQ":
            continue
        assert keyword_of(tag) in NO_IDENTIFIER


def test_safe_harbor_covers_each_class_and_says_what_it_cannot_show():
    verdict = profiles.check_law(plan("safe-harbor"))
    assert (verdict.law, verdict.passed) == ("safe-harbor", True)
    status = {each.letter: each.status for each in verdict.classes}
    assert status == {letter: OPEN if letter in "APQ" else COVERED for letter in LETTERS} | {"text": COVERED}
    for each in verdict.classes:
        assert sum(each.methods.values()) == sum(each.sources.values()) == each.attributes
        assert each.attributes or each.letter == "P"
        assert bool(each.beyond) is (each.status == OPEN)
    assert "Not shown by this profile alone" in verdict.summary
    assert "A, P, Q" in verdict.summary


def test_the_limited_data_set_covers_the_sixteen():
    verdict = profiles.check_law(plan("limited-data-set"))
    assert (verdict.law, verdict.passed, len(verdict.classes)) == ("limited-data-set", True, 17)
    assert "agreement" in verdict.summary
    assert failed(profiles.load("limited-data-set"), "safe-harbor") >= {"C"}


def test_research_and_teleradiology_are_not_safe_harbor_and_say_so():
    assert failed(profiles.load("research")) >= {"C", "M", "R"}
    assert failed(profiles.load("teleradiology")) >= {"C", "R"}
    assert "not" in " ".join(plan("research").notes).lower()
    notes = " ".join(plan("teleradiology").notes)
    assert "PHI, pseudonymised, for treatment" in notes
    assert "Not de-identified under HIPAA" in notes
    assert "limited data set cannot serve treatment" in notes


@pytest.mark.parametrize(
    ("changes", "letter"),
    [
        ({"dates": "shift"}, "C"),
        ({"dates": "full", "options": ("clean_descriptors", "retain_longitudinal_full_dates")}, "C"),
        ({"options": ("clean_descriptors", "retain_device_identity")}, "M"),
        ({"options": ("clean_descriptors", "retain_uids")}, "R"),
        ({"options": ("clean_descriptors", "retain_institution_identity")}, "B"),
        ({"options": ("retain_patient_characteristics",), "age_cap": 0}, "C"),
        ({"pseudonyms": "derived"}, "R"),
        ({"private": "listed", "options": ("retain_safe_private",)}, "R"),
    ],
)
def test_what_breaks_safe_harbor_is_caught(changes, letter):
    assert letter in failed(replace(profiles.load("safe-harbor"), **changes))


@pytest.mark.parametrize(
    ("rule", "letter"),
    [
        ("{tag: OperatorsName, do: keep, why: w, signed: me}", "A"),
        ("{tag: RequestAttributesSequence/AccessionNumber, do: keep, why: w, signed: me}", "J"),
        ("{tag: DeviceSerialNumber, do: keep, why: w, signed: me}", "M"),
        ("{tag: StudyDescription, do: keep, why: w, signed: me}", "text"),
        ("{tag: RetrieveURL, do: keep, why: w, signed: me}", "N"),
        ('{tag: "ReferencedSeriesSequence/*", do: keep, why: w, signed: me}', "H"),
    ],
)
def test_a_rule_that_keeps_an_identifier_breaks_it_and_does_not_compile(own, rule, letter):
    profile = own(f"extends: safe-harbor\nrules:\n  - {rule}")
    assert letter in failed(profile)
    with pytest.raises(ProfileError) as caught:
        profiles.compile_plan(profile)
    assert caught.value.code == "law-not-met"
    assert {"law-not-met"} <= {issue.code for issue in profiles.lint(profile) if issue.severity == "error"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("extends: limited-data-set\nrequires: []", "agreement"),
        ("extends: limited-data-set\nrules:\n  - {tag: DeviceSerialNumber, do: keep, why: w, signed: me}", "xii"),
        ("extends: basic\nlaw: expert-determination", "determination"),
        ("extends: teleradiology\nnotes: [PHI that is De-Identified]", "de-identified"),
        ("extends: teleradiology\nnotes: [for reading]", "PHI"),
        ("extends: basic\nlaw: safe-harbor", "derived"),
    ],
)
def test_a_law_that_is_named_and_not_met_is_refused(own, text, word):
    with pytest.raises(ProfileError) as caught:
        profiles.compile_plan(own(text))
    assert caught.value.code == "law-not-met"
    assert word in caught.value.message


def test_a_promise_carries_law_and_modes():
    promises = plan("safe-harbor").promises()
    assert (promises.law, promises.dates, promises.age_cap) == ("safe-harbor", "year_only", 89)
    assert promises.evidence == {"113105"}
    assert (at("StudyDescription"),) in promises.cleaned
    assert (at("StudyDate"),) not in promises.cleaned
    assert plan("basic").promises().evidence == frozenset()
    assert plan("basic").promises().cleaned == frozenset()
    research = plan("research").promises()
    assert (at("PatientAge"),) in research.cleaned
    assert (at("PatientSex"),) in research.retained
    assert (at("PatientAge"),) in plan("teleradiology").promises().cleaned


DETERMINATION = """
determination:
  profile_digest: {digest}
  expert: A. Expert, statistician
  reference: file 12 of the privacy office
  expires: 2027-06-30
"""


@pytest.fixture
def determination(tmp_path):
    def load(text: str):
        path = tmp_path / "determination.yaml"
        path.write_text(text, encoding="utf-8")
        return profiles.load_determination(str(path))

    return load


def test_a_determination_holds_for_one_profile_until_its_day(determination, own):
    bound = profiles.compile_plan(own("extends: research\nlaw: expert-determination\nrequires: [determination]"))
    found = determination(DETERMINATION.format(digest=bound.digest))
    profiles.check_determination(bound, found, date(2027, 6, 30))
    for told, day, code in (
        (found, date(2027, 7, 1), "determination-expired"),
        (found._replace(profile_digest="0" * 64), date(2027, 1, 1), "determination-other-profile"),
        (None, date(2027, 1, 1), "determination-missing"),
    ):
        with pytest.raises(ProfileError) as caught:
            profiles.check_determination(bound, told, day)
        assert caught.value.code == code
    profiles.check_determination(plan("basic"), None, date(2027, 1, 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "determination: {}",
        DETERMINATION.format(digest="abc"),
        DETERMINATION.format(digest="0" * 64).replace("2027-06-30", "soon"),
        DETERMINATION.format(digest="0" * 64).replace("A. Expert, statistician", "''"),
        DETERMINATION.format(digest="0" * 64) + "  more: x\n",
    ],
)
def test_a_file_that_is_no_determination_is_refused(determination, text):
    with pytest.raises(ProfileError) as caught:
        determination(text)
    assert caught.value.code in {"determination-invalid", "profile-not-yaml"}


def test_a_determination_that_is_not_there_is_refused_without_its_name():
    with pytest.raises(ProfileError) as caught:
        profiles.load_determination("/no/such/file")
    assert "such" not in caught.value.message

"""The plan decides by structure, row, option, section, rule, type and guard, in that order, and says which."""

import pickle  # noqa: TID251 - what a pool of processes does with a plan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import profiles
from workbench.profiles.compiling import plan_of
from workbench.profiles.lock import digest, lock_lines
from workbench.records.action import Action
from workbench.standard.dictionary import VR, tag_of
from workbench.standard.table import ROWS

CT, ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1"
GSPS, COLOR_PS = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.11.2"
RTSTRUCT, RTPLAN = "1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.10008.5.1.4.1.1.481.5"
PDF = "1.2.840.10008.5.1.4.1.1.104.1"
VRS = sorted({*VR.values(), "UN"} - {vr for vr in VR.values() if " " in vr})


@pytest.fixture(scope="module")
def basic():
    return profiles.compile_plan(profiles.load("basic"))


def at(*keywords: str) -> tuple[int, ...]:
    tags = tuple(tag_of(keyword) for keyword in keywords)
    assert None not in tags, keywords
    return tags  # type: ignore[return-value]  # checked above


@pytest.mark.parametrize(
    ("sop_class", "path", "vr", "action", "origin"),
    [
        (CT, at("PatientName"), "PN", "#", "profile basic patient name"),
        (CT, at("PatientID"), "LO", "#", "profile basic patient id"),
        (CT, at("StudyID"), "SH", "Z", "profile basic study id"),
        (CT, at("AccessionNumber"), "SH", "Z", "profile basic accession number"),
        (CT, at("PatientBirthDate"), "DA", "Z", "E.1-1 (0010,0030)"),
        (CT, at("PatientSex"), "CS", "Z", "E.1-1 (0010,0040)"),
        (CT, at("PatientAge"), "AS", "X", "E.1-1 (0010,1010)"),
        (CT, at("StudyInstanceUID"), "UI", "U", "E.1-1 (0020,000D)"),
        (CT, at("ContentDate"), "DA", "Z", "E.1-1 (0008,0023) Z/D at Type 2C"),
        (ENHANCED_CT, at("ContentDate"), "DA", "D", "E.1-1 (0008,0023) Z/D at Type 1"),
        (ENHANCED_CT, at("DeviceSerialNumber"), "LO", "D", "E.1-1 (0018,1000) X/Z/D at Type 1"),
        (CT, at("DeviceSerialNumber"), "LO", "X", "E.1-1 (0018,1000) X/Z/D at Type 3"),
        ("1.2.3", at("DeviceSerialNumber"), "LO", "X", "E.1-1 (0018,1000) X/Z/D at Type unknown"),
        (GSPS, at("PresentationCreationDate"), "DA", "D", "E.1-1 (0070,0082) X, but Type 1"),
        (RTPLAN, at("RTPlanDate"), "DA", "D", "E.1-1 (300A,0006) X/D at Type 2"),
        (GSPS, at("ContentLabel"), "CS", "D", "profile basic rule ContentLabel X/Z/D at Type 1"),
        (GSPS, at("GraphicAnnotationSequence"), "SQ", "X", "profile basic rule GraphicAnnotationSequence"),
        (CT, at("ReferencedImageSequence"), "SQ", "K", "E.1-1 (0008,1140)"),
        (CT, at("ReferencedImageSequence", "ReferencedSOPInstanceUID"), "UI", "U", "E.1-1 (0008,1155)"),
        (CT, at("ReferencedImageSequence", "ReferencedSOPClassUID"), "UI", "K", "unlisted UI of a class or scheme"),
        (CT, at("SOPClassUID"), "UI", "K", "unlisted UI of a class or scheme"),
        (CT, at("SpecificCharacterSet"), "CS", "K", "profile basic rule SpecificCharacterSet"),
        (CT, at("Rows"), "US", "K", "profile basic rule Rows"),
        (CT, at("ImageType"), "CS", "V", "unlisted CS"),
        (CT, at("CodeMeaning"), "LO", "V", "unlisted LO"),
        (CT, at("PixelData"), "OW", "K", "unlisted binary structure"),
        (CT, at("PixelSpacing"), "DS", "V", "unlisted DS"),
        (CT, at("SmallestImagePixelValue"), "SS", "K", "unlisted SS"),
        (CT, at("ICCProfile"), "OB", "X", "unlisted OB X/Z/D at Type 3"),
        (COLOR_PS, at("ICCProfile"), "OB", "D", "unlisted OB X/Z/D at Type 1"),
        (CT, at("EvaluatorName"), "PN", "X", "unlisted PN X/Z/D at Type unknown"),
        (CT, at("ExpiryDate"), "DA", "X", "unlisted DA X/Z/D at Type unknown"),
        (CT, at("RetrieveURL"), "UR", "X", "unlisted UR X/Z/D at Type unknown"),
        (CT, at("MultiFrameSourceSOPInstanceUID"), "UI", "U", "unlisted UI"),
        (CT, at("RequestedProcedureCodeSequence"), "SQ", "K", "unlisted SQ"),
        (CT, at("AnatomicRegionSequence"), "SQ", "K", "unlisted SQ"),
        (CT, at("EncryptedAttributesSequence"), "SQ", "X", "profile basic rule EncryptedAttributesSequence"),
        (CT, (0x00091001,), "LO", "X", "E.1-1 private attributes"),
        (CT, (0x00090010,), "LO", "X", "E.1-1 private attributes"),
        (CT, (0x60001500,), "LO", "X", "E.1-1 overlays"),
        (CT, (0x50102500,), "LO", "X", "E.1-1 curves"),
        (CT, (0x00189999,), "LO", "X", "unlisted unknown attribute"),
        (CT, (0x00080000,), "UL", "X", "structure group length"),
        (CT, (0x00020016,), "AE", "X", "structure group 0002"),
        (CT, (0x00041500,), "CS", "X", "structure group 0004"),
        (CT, (0xFFFCFFFC,), "OB", "X", "E.1-1 (FFFC,FFFC)"),
        (CT, (0xFFFAFFFA,), "SQ", "X", "E.1-1 (FFFA,FFFA)"),
    ],
)
def test_basic_decides(basic, sop_class, path, vr, action, origin):
    rule = basic.for_sop_class(sop_class).rule(path, vr)
    assert (rule.action.value, rule.origin) == (action, origin)


def test_identifiers_of_another_patient_in_an_item_are_no_pseudonym_of_this_one(basic):
    rule = basic.for_sop_class(CT).rule(at("ReferencedPatientPhotoSequence", "PatientID"), "LO")
    assert rule.action is not Action.CODE


@pytest.mark.parametrize(
    ("keyword", "written"),
    [
        ("Manufacturer", "PN"),
        ("Manufacturer", "US"),
        ("SeriesNumber", "OB"),
        ("Rows", "LT"),
        ("Rows", "OB"),
        ("SpecificCharacterSet", "OB"),
        ("SOPInstanceUID", "OB"),
        ("PixelData", "LT"),
        ("AnatomicRegionSequence", "OB"),
        ("ImageType", "SQ"),
        ("Modality", "UN"),
    ],
)
def test_a_value_that_comes_under_a_vr_of_another_family_does_not_stay(basic, keyword, written):
    rule = basic.for_sop_class("1.2.3").rule(at(keyword), written)
    assert rule.action is Action.REMOVE


def test_what_does_not_pass_falls_back_to_what_the_type_allows(basic):
    rule = basic.for_sop_class(CT).rule
    assert rule(at("ImageType"), "CS").fallback is Action.DUMMY
    assert rule(at("Manufacturer"), "LO").fallback is Action.EMPTY
    assert rule(at("ManufacturerModelName"), "LO").fallback is Action.REMOVE


def test_codes_and_claims_of_basic(basic):
    assert [code.value for code in basic.codes] == ["113100"]
    assert (basic.longitudinal, basic.pixels, basic.private, basic.options) == ("REMOVED", "off", "remove", ())
    promises = basic.promises()
    assert at("Rows") in promises.retained
    assert at("SpecificCharacterSet") not in promises.retained  # it stays when it is a defined term
    assert promises.codes == basic.codes
    assert promises.digest == basic.digest
    assert not promises.retain_uids


def test_the_plan_goes_to_workers_unchanged(basic):
    assert pickle.loads(pickle.dumps(basic)) == basic  # noqa: S301 - its own bytes


def test_the_digest_names_the_decisions_and_nothing_else(tmp_path):
    text = "profile: a\nversion: 1\ntitle: {title}\nextends: basic\nrules:\n  - {{tag: {tag}, do: {do}, why: {why}}}\n"

    def plan(**words):
        path = tmp_path / "a.yaml"
        path.write_text(text.format(**({"title": "T", "tag": "SeriesDescription", "do": "dummy", "why": "w"} | words)))
        return profiles.compile_plan(profiles.load(str(path)))

    assert plan().digest == plan(title="Other", why="better words").digest
    assert len({plan().digest, plan(do="empty").digest, plan(tag="StudyDescription").digest}) == 3


def test_the_digest_of_basic_changes_only_on_purpose(basic):
    """When this fails, what basic does has changed: bump its version, say so in the changelog, then change this."""
    lines = lock_lines(profiles.load("basic"))
    assert basic.digest == digest(lines)
    assert len(lines) == len(set(lines))
    assert basic.digest == "f5e9e15960f3b3ba9e2e07d1544964fb8897f4458cfeaf9d4e248054bfb28eda"


@pytest.mark.parametrize("name", profiles.shipped_names())
@pytest.mark.parametrize("keyword", ["RescaleType", "ModalityLUTType"])
def test_the_unit_of_pixel_values_is_a_term_and_not_words_to_clean(name, keyword):
    """HU is a surname too: a reader who does not get it cannot tell Hounsfield units from other numbers."""
    rule = profiles.compile_plan(profiles.load(name)).for_sop_class("1.2.840.10008.5.1.4.1.1.2").rule
    assert rule(at(keyword), "LO").action is Action.CHECK


def test_a_profile_of_no_law_that_shifts_dates_says_that_a_release_needs_an_expert():
    said = {
        name: profiles.modes(profiles.compile_plan(profiles.load(name)))["a release needs"]
        for name in profiles.shipped_names()
    }
    assert said.pop("research").startswith("an expert determination")
    assert said.pop("limited-data-set") == "agreement"
    assert set(said.values()) == {"nothing beyond its approval"}


def test_more_specific_paths_win_and_later_ones_among_equals(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "profile: a\nversion: 1\ntitle: T\nextends: basic\nrules:\n"
        "  - {tag: StudyDescription, do: empty, why: w}\n"
        "  - {tag: /StudyDescription, do: dummy, why: w}\n"
        "  - {tag: ReferencedStudySequence/StudyDescription, do: dummy, why: w}\n"
        '  - {tag: "*/StudyDescription", do: remove, why: w}\n'
        "  - {tag: PerformedProtocolCodeSequence/*/CodeMeaning, do: empty, why: w}\n"
        "  - {tag: ContentLabel, do: set, to: PREPARED, why: w}\n"
    )
    rule = profiles.compile_plan(profiles.load(str(path))).for_sop_class("1.2.3").rule
    assert rule(at("StudyDescription"), "LO").action is Action.DUMMY
    assert rule(at("ReferencedStudySequence", "StudyDescription"), "LO").action is Action.DUMMY
    assert rule(at("SourceImageSequence", "StudyDescription"), "LO").action is Action.REMOVE
    assert rule(at("SourceImageSequence", "SourceImageSequence", "StudyDescription"), "LO").action is Action.REMOVE
    nested = at("PerformedProtocolCodeSequence", "AnatomicRegionSequence", "CodeMeaning")
    assert rule(nested, "LO").action is Action.EMPTY
    assert rule(nested[1:], "LO").action is Action.CHECK
    replaced = rule(at("ContentLabel"), "CS")
    assert (replaced.action, replaced.text, replaced.origin) == (Action.SET, "PREPARED", "profile a rule ContentLabel")


def test_options_keep_what_they_promise_and_unlisted_ones_follow(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "profile: a\nversion: 1\ntitle: T\nextends: basic\ndates: {mode: full}\n"
        "options: [retain_uids, retain_institution_identity, retain_longitudinal_full_dates]\n"
    )
    plan = profiles.compile_plan(profiles.load(str(path)))
    rule = plan.for_sop_class(CT).rule
    assert rule(at("SOPInstanceUID"), "UI").origin == "E.1-1 (0008,0018) RetainUIDs"
    assert rule(at("SOPInstanceUID"), "UI").action is Action.KEEP
    assert rule(at("MultiFrameSourceSOPInstanceUID"), "UI").action is Action.KEEP
    assert rule(at("StudyDate"), "DA").action is Action.KEEP
    assert rule(at("ExpiryDate"), "DA").action is Action.KEEP
    assert rule(at("PatientBirthDate"), "DA").action is Action.EMPTY
    assert rule(at("InstitutionName"), "LO").action is Action.KEEP
    assert {code.value for code in plan.codes} == {"113100", "113106", "113110", "113112"}
    assert plan.longitudinal == "UNMODIFIED"
    promises = plan.promises()
    assert at("StudyDate") in promises.retained
    assert (promises.retain_uids, promises.retain_dates, promises.retain_institution) == (True, True, True)


RESEARCH = [
    (CT, at("StudyDescription"), "LO", "C", "text"),
    (CT, at("SeriesDescription"), "LO", "C", "text"),
    (CT, at("SoftwareVersions"), "LO", "C", "text"),
    (CT, at("Manufacturer"), "LO", "V", "term"),  # a maker is known or not; a part of its name is none
    (CT, at("AnatomicRegionSequence", "CodeMeaning"), "LO", "C", "text"),
    (CT, at("AnatomicRegionSequence", "CodeValue"), "SH", "V", "term"),
    (CT, at("AnatomicRegionSequence", "CodingSchemeDesignator"), "SH", "V", "term"),
    (CT, at("ImageType"), "CS", "V", "term"),
    (CT, at("StudyDate"), "DA", "C", "date"),
    (CT, at("StudyTime"), "TM", "C", "date"),
    (CT, at("ExpiryDate"), "DA", "C", "date"),
    (CT, at("DateOfLastCalibration"), "DA", "C", "date"),  # a device's date, and shifted
    (CT, at("PatientBirthDate"), "DA", "Z", ""),
    (CT, at("PatientAge"), "AS", "C", "age"),
    (CT, at("PatientSex"), "CS", "K", ""),
    (CT, at("PatientWeight"), "DS", "K", ""),
    (CT, at("EthnicGroupCodeSequence", "CodeValue"), "SH", "K", ""),  # the code is what is retained
    (CT, at("EthnicGroupCodeSequence", "CodeMeaning"), "LO", "C", "text"),  # of a local code it may say anything
    (CT, at("ScheduledStationNameCodeSequence", "CodeValue"), "SH", "K", ""),
    (CT, at("InstitutionCodeSequence"), "SQ", "X", ""),
    (CT, at("DeviceSerialNumber"), "LO", "K", ""),
    (CT, at("StationAETitle"), "AE", "C", "code"),
    (CT, at("ReferencedStudySequence", "RetrieveAETitle"), "AE", "C", "code"),
    (CT, at("DeviceUID"), "UI", "K", ""),
    (CT, at("SOPInstanceUID"), "UI", "U", ""),
    (CT, at("InstitutionName"), "LO", "X", ""),
    (CT, at("OperatorsName"), "PN", "X", ""),
    (CT, at("RetrieveURL"), "UR", "X", ""),
    (CT, at("RequestAttributesSequence"), "SQ", "K", ""),
    (CT, at("ContentSequence"), "SQ", "D", ""),  # structured content is not cleaned in research
    (CT, (0x60003000,), "OW", "X", ""),
]


@pytest.mark.parametrize(("sop_class", "path", "vr", "action", "kind"), RESEARCH)
def test_research_decides(sop_class, path, vr, action, kind):
    plan = profiles.compile_plan(profiles.load("research"))
    rule = plan.for_sop_class(sop_class).rule(path, vr)
    assert (rule.action.value, rule.kind) == (action, kind)
    assert profiles.words(rule.origin).endswith(".")


def test_teleradiology_cleans_content_and_graphics_by_kind():
    rule = profiles.compile_plan(profiles.load("teleradiology")).for_sop_class(GSPS).rule
    for path, vr, kind in (
        (at("ContentSequence"), "SQ", "structured"),
        (at("AcquisitionContextSequence"), "SQ", "structured"),
        (at("SpecimenPreparationSequence"), "SQ", "structured"),
        (at("WaveformAnnotationSequence"), "SQ", "structured"),
        (at("GraphicAnnotationSequence"), "SQ", "graphics"),
        ((0x60003000,), "OW", "graphics"),
        ((0x60004000,), "LT", "graphics"),
    ):
        found = rule(path, vr)
        assert (found.action.value, found.kind) == ("C", kind), path
    assert rule(at("AccessionNumber"), "SH").action is Action.CODE


@pytest.mark.parametrize("name", profiles.shipped_names())
def test_modes_of_shipped_profiles_and_their_claims_agree(name):
    plan = profiles.compile_plan(profiles.load(name))
    claimed = {code.value for code in plan.codes}
    assert "113101" not in claimed
    assert "113102" not in claimed
    assert plan.cleans_text is ("113105" in claimed)
    assert plan.keeps_private is ("113111" in claimed)
    assert (plan.dates == "full") is ("113106" in claimed)
    assert (plan.dates in {"shift", "year_only"}) is ("113107" in claimed)
    longitudinal = {"removed": "REMOVED", "full": "UNMODIFIED", "shift": "MODIFIED", "year_only": "MODIFIED"}
    assert plan.longitudinal == longitudinal[plan.dates]
    assert plan.promises().evidence == ({"113105"} if plan.cleans_text else set())
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301 - its own bytes


def test_rules_ask_for_a_way_to_clean(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "profile: a\nversion: 1\ntitle: T\nextends: basic\nrules:\n"
        "  - {tag: PatientAge, do: cap_age, why: w, signed: me}\n"
        "  - {tag: StationName, do: code, why: w, signed: me}\n"
        "  - {tag: SeriesDescription, do: clean, why: w, signed: me}\n"
    )
    plan = profiles.compile_plan(profiles.load(str(path)))
    rule = plan.for_sop_class("").rule
    for keyword, vr, kind in (
        ("PatientAge", "AS", "age"),
        ("StationName", "SH", "code"),
        ("SeriesDescription", "LO", "text"),
    ):
        found = rule(at(keyword), vr)
        assert (found.action.value, found.kind) == ("C", kind)


@given(
    st.lists(st.one_of(st.sampled_from(sorted(ROWS)), st.integers(0, 0xFFFFFFFF)), min_size=1, max_size=5),
    st.sampled_from(VRS),
    st.sampled_from([CT, GSPS, RTSTRUCT, PDF, "1.2.3", ""]),
)
def test_every_place_has_a_rule_and_every_rule_can_be_said_in_words(path, vr, sop_class):
    plan = plan_of(profiles.load("basic"))
    rule = plan.for_sop_class(sop_class).rule(tuple(path), vr)
    assert rule.fallback in {Action.REMOVE, Action.EMPTY, Action.DUMMY}
    sentence = profiles.words(rule.origin)
    assert sentence.endswith(".")
    assert len(sentence) > 20
    if path[-1] & 0x10000:
        assert rule.action is Action.REMOVE

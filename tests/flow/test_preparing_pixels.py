"""Pixels in the workbench: blackened, recorded, shown and proven; what nobody looked at waits by name."""

import io
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pydicom
import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.flow.conftest import write_ct
from workbench.deid.evidence import method_value, redaction_document
from workbench.flow import importing, machine, pictures, preparing, queries, recipients, releasing, reviewing
from workbench.flow.opening import open_received
from workbench.flow.pixel_holds import TO_REVIEW, pixel_holds
from workbench.flow.pixel_rows import pixel_state
from workbench.flow.redaction_rows import Seen, pack, unpack
from workbench.flow.shown_pixels import SeriesPixels
from workbench.pixels.cleaning import Cleaning
from workbench.pixels.examining import Examined, NotChecked
from workbench.pixels.proposing import HeaderRules
from workbench.records.errors import IntegrityBroken, NotPermitted, UsageError, WrongState
from workbench.records.redaction import Box4, KeptRegion, RedactedOverlay, RedactedRegion, Redaction
from workbench.records.region import Region, RegionDecision, RegionSource

STUDY = "WB-000001"
READ = "DOE JANE 4711"
NAME = Region((1,), 4, 5, 40, 9, RegionSource.TEXT, 0.9, READ, RegionDecision.REDACT, "agrees with the patient")
MARK = Region((1,), 80, 90, 20, 9, RegionSource.TEXT, 0.9, "SUPINE", RegionDecision.KEEP, "a mark")
LOOKED = Examined((NAME, MARK), (), 1)


class Says:
    """Says what it was told of a source, and nothing of a redacted copy."""

    def __init__(self, seen):
        self.seen = seen

    def look(self, path, *, black=None):
        return Examined((), (), 1) if path.name.startswith("redacted") else self.seen


@pytest.fixture
def shows(monkeypatch):
    """Let all images show this."""

    def show(seen):
        made = Says(seen)
        monkeypatch.setattr(preparing, "_look", lambda files, *_more: {at: seen for at, _path in files})
        monkeypatch.setattr(preparing, "check_models", lambda _mode: None)
        monkeypatch.setattr(
            machine, "cleaning", lambda mode, _r=(): Cleaning(mode, lambda: made, HeaderRules(shipped=False))
        )

    return show


@pytest.fixture
def arrived(house, tmp_path):
    """A home with one CT study of two images, not prepared yet."""
    bring(house, tmp_path)
    return house


def bring(house, tmp_path, **given):
    folder = write_ct(tmp_path / "in", instances=2, BurnedInAnnotation="YES", **given)
    importing.import_paths(house.workbench, house["anna"], paths=[folder])


def prepare(house, pixels="clean", **given):
    return preparing.prepare(house.workbench, house["anna"], study=STUDY, scope="s", pixels=pixels, **given)


def approve(house, *accept):
    reviewing.submit(house.workbench, house["anna"], study=STUDY)
    reviewing.approve(house.workbench, house["olga"], study=STUDY, accept=accept)


def release(house, tmp_path):
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(f"{identity}\n")
    recipients.add_recipient(house.workbench, house["olga"], name="Far", key=str(identity.to_public()))
    return releasing.create_release(
        house.workbench,
        house["anna"],
        recipient="Far",
        purpose="research",
        basis="de-identified",
        expires_days=30,
        studies=[STUDY],
    )


def outputs(house):
    """The outputs as data sets, by instance."""
    with house.workbench.database.reading() as reading:
        rows = reading.preparations.instances(reading.preparations.current(STUDY).id)
    found = {}
    for row in rows:
        with house.workbench.objects.open(row.object) as stored:
            found[row.instance] = pydicom.dcmread(io.BytesIO(stored.read()))
    return found


def entries(house, kind):
    with house.workbench.database.reading() as reading:
        return [entry.data for entry in reading.ledger.entries() if entry.kind == kind]


def test_text_is_gone_from_outputs_and_what_the_header_guessed_has_its_answer(arrived, shows):
    shows(LOOKED)
    made = prepare(arrived)
    assert (made.pixels, made.pixels_asked) == ("checked and cleaned", "clean")
    assert (made.holds, made.issues, made.held) == ((), (), 0)
    for output in outputs(arrived).values():
        black = output.pixel_array[5:14, 4:44]
        assert (black == black[0, 0]).all()
        assert output.BurnedInAnnotation == "NO"
    (one,) = made.pixel_series
    assert (one.images, one.checked, one.frames, one.changed) == (2, 2, 2, 2)
    assert [(area.became, area.x, area.y, area.width, area.height, area.instances) for area in one.areas] == [
        ("blackened", 4, 5, 40, 9, 2),
        ("kept", 80, 90, 20, 9, 2),
    ]
    view = queries.study_view(arrived.workbench, arrived["olga"], study=STUDY)
    assert not any("not checked" in notice for notice in view.notices)
    assert view.preparation is not None
    assert view.preparation.pixel_series == made.pixel_series


def test_what_was_read_is_kept_sealed_and_stands_neither_in_the_database_nor_in_the_log(arrived, shows):
    shows(LOOKED)
    made = prepare(arrived)
    workbench = arrived.workbench
    with workbench.database.reading() as reading:
        (series,) = reading.studies.all_series(STUDY)
        kept = reading.redactions.of_series(made.preparation, series.id)
        seen = unpack(workbench.keys, kept)
        assert {region.text for one in seen.values() for region in one.read} == {READ, "SUPINE"}
    for instance, output in outputs(arrived).items():  # the record is the evidence that the output names
        named = method_value(redaction_document(seen[instance].redaction), "113101")
        assert named in output.DeidentificationMethod
    (entry,) = entries(arrived, "series.prepared")
    assert (entry["regions"], entry["redactions"]) == ({"text": 2}, kept.digest)
    (entry,) = entries(arrived, "study.prepared")
    assert (entry["pixels"], entry["pixels_checked"]) == ("clean", True)
    workbench.close()
    stored = b"".join(path.read_bytes() for path in arrived.made.home.rglob("*") if path.is_file())
    assert READ.encode() not in stored


def test_what_a_person_should_see_as_a_whole_still_waits(arrived, shows):
    shows(replace(LOOKED, to_review=("a Secondary Capture",)))
    made = prepare(arrived)
    assert [(hold.name, hold.instances) for hold in made.holds] == [(f"series-1.{TO_REVIEW}", 2)]
    assert made.pixel_series[0].to_review == (("a Secondary Capture", 2),)


def test_without_a_look_what_the_header_tells_waits_and_nothing_is_called_checked(arrived, tmp_path):
    made = prepare(arrived, pixels="off")
    assert {hold.name for hold in made.holds} == {"series-1.burned-in-annotation"}
    assert (made.pixels, made.held) == ("not checked", 2)
    (entry,) = entries(arrived, "study.prepared")
    assert (entry["pixels"], entry["pixels_checked"]) == ("off", False)
    reviewing.submit(arrived.workbench, arrived["anna"], study=STUDY)
    with pytest.raises(WrongState) as refused:
        reviewing.approve(arrived.workbench, arrived["olga"], study=STUDY, accept=[])
    assert refused.value.code == "nothing-to-release"
    reviewing.approve(arrived.workbench, arrived["olga"], study=STUDY, accept=["series-1.burned-in-annotation"])
    assert release(arrived, tmp_path).instances == 2


def test_what_could_not_be_seen_has_no_output_and_is_said(arrived, shows):
    shows(Examined((), (NotChecked((1,), "frame-damaged", "A frame is damaged."),), 0))
    made = prepare(arrived)
    assert made.instances == 0
    assert {issue.check for issue in made.issues} == {"pixels-not-checked"}
    assert made.pixels == "not checked"
    assert made.pixel_series[0].not_checked == (("A frame is damaged.", 2),)
    (entry,) = entries(arrived, "study.prepared")
    assert entry["pixels_checked"] is False


def test_flag_changes_nothing_and_keeps_back_what_shows_text(arrived, shows):
    shows(LOOKED)
    made = prepare(arrived, pixels="flag")
    assert made.instances == 0
    assert {issue.check for issue in made.issues} == {"pixels-flagged"}
    assert [area.became for area in made.pixel_series[0].areas] == ["kept", "left"]


def test_the_package_says_of_each_image_that_it_was_checked(arrived, shows, tmp_path):
    shows(LOOKED)
    prepare(arrived)
    approve(arrived)
    made = release(arrived, tmp_path)
    open_received(
        arrived.made.home / "packages" / f"{made.release}.tar.age",
        tmp_path / "opened",
        identity=tmp_path / "key",
        trust=arrived.workbench.keys.vkey,
        clock=arrived.clock,
    )
    manifest = (tmp_path / "opened" / "manifest.json").read_text()
    assert manifest.count('"pixels":"checked"') == 2
    assert "not-checked" not in manifest


@pytest.mark.parametrize(
    "forgery",
    [
        "DELETE FROM redaction_blob",
        "UPDATE redaction_blob SET digest = substr(digest, 2) || '0'",
        "UPDATE prepared_instance SET holds = '[]'",
    ],
)
def test_an_altered_record_of_pixels_releases_nothing(arrived, shows, tmp_path, forgery):
    shows(replace(LOOKED, to_review=("a Secondary Capture",)))
    prepare(arrived)
    approve(arrived, f"series-1.{TO_REVIEW}")
    with closing(sqlite3.connect(arrived.made.home / "workbench.sqlite")) as database, database:
        database.execute(forgery)
    with pytest.raises(IntegrityBroken) as broken:
        release(arrived, tmp_path)
    assert broken.value.code in {"redactions-differ", "holds-differ"}


def test_a_successor_takes_over_what_came_out_the_same(arrived, shows, tmp_path):
    shows(replace(LOOKED, to_review=("a Secondary Capture",)))
    prepare(arrived)
    approve(arrived, f"series-1.{TO_REVIEW}")
    made = prepare(arrived)
    assert (made.unchanged, made.follows) == (2, 1)
    assert [hold.accepted for hold in made.holds] == [True]


def test_a_reviewer_sees_the_output_with_what_was_blackened_outlined(arrived, shows):
    shows(LOOKED)
    prepare(arrived)
    shown = pictures.output_picture(arrived.workbench, arrived["olga"], study=STUDY, series=0, image=9, frame=9)
    assert (shown.image, shown.images, shown.frame, shown.frames) == (2, 2, 1, 1)
    assert (shown.blackened, shown.kept) == (1, 1)
    picture = Image.open(io.BytesIO(shown.png))
    assert picture.size == (128, 128)
    assert picture.getpixel((20, 4)) == (255, 176, 32)
    assert len({picture.getpixel((x, 9)) for x in range(4, 44)}) == 1
    with pytest.raises(NotPermitted):
        pictures.output_picture(arrived.workbench, arrived["rita"], study=STUDY, series=0)


def test_outputs_that_nobody_looked_at_are_not_shown(arrived):
    prepare(arrived, pixels="off")
    for series in (0, 7):
        with pytest.raises(UsageError) as refused:
            pictures.output_picture(arrived.workbench, arrived["olga"], study=STUDY, series=series)
        assert refused.value.code == "picture-missing"


def test_without_the_nets_nothing_begins(arrived, monkeypatch):
    def absent():
        raise UsageError("models-absent", "The nets are not installed.", "Install the extra `pixels`.")

    monkeypatch.setattr("workbench.pixels.models.locate_all", absent)
    before = arrived.events()
    with pytest.raises(UsageError) as refused:
        prepare(arrived)
    assert refused.value.code == "models-absent"
    assert arrived.events() == before
    with pytest.raises(UsageError) as refused:
        prepare(arrived, pixels="maybe")
    assert refused.value.code == "pixels-unknown"


COMPLETE = Redaction("clean", "d", 3, complete=True)


@pytest.mark.parametrize(
    ("redaction", "left"),
    [
        (None, ("ultrasound", "photograph")),
        (COMPLETE, ("photograph",)),
        (replace(COMPLETE, to_review=("x",)), ("photograph", TO_REVIEW)),
    ],
)
def test_only_a_whole_look_answers_a_guess_at_text_and_no_look_answers_a_face(redaction, left):
    assert pixel_holds(("ultrasound", "photograph"), redaction) == left


@given(
    st.sampled_from(["", "off", "flag", "clean"]),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4),
)
def test_no_version_is_called_checked_of_which_an_image_was_not(mode, counts):
    series = [SeriesPixels(n, images, min(images, seen), 0, 0) for n, (images, seen) in enumerate(counts)]
    said = pixel_state(mode, series)
    whole = all(one.checked == one.images for one in series)
    if said.startswith("checked"):
        assert whole
        assert mode in ("flag", "clean")


boxes = st.builds(Box4, *[st.integers(0, 4_000)] * 4)
frames = st.sets(st.integers(1, 40), min_size=1).map(lambda found: tuple(sorted(found)))
facts = {
    "frames": frames,
    "source": st.sampled_from(RegionSource),
    "score": st.floats(0, 1),
    "decision": st.sampled_from(RegionDecision),
    "explanation": st.text(max_size=9),
}
redactions = st.builds(
    Redaction,
    mode=st.sampled_from(["flag", "clean"]),
    detector=st.text(max_size=9),
    frames=st.integers(0, 99),
    complete=st.booleans(),
    rounds=st.integers(0, 3),
    regions=st.tuples(st.builds(RedactedRegion, asked=boxes, black=boxes, touched=boxes, **facts)),
    kept=st.tuples(st.builds(KeptRegion, asked=boxes, **facts)),
    overlays=st.tuples(st.builds(RedactedOverlay, group=st.just(0x6000), frames=frames, asked=boxes)),
    not_checked=st.tuples(st.tuples(st.text(max_size=5), st.text(max_size=5))),
    to_review=st.tuples(st.text(max_size=9)),
)
regions = st.builds(
    Region, x=st.integers(), y=st.integers(), width=st.integers(), height=st.integers(), text=st.text(), **facts
)


class Keys:
    """Digests without a key."""

    def index(self, purpose, content):
        return f"{purpose}{len(content)}{sum(content)}"


@given(st.dictionaries(st.text(max_size=5), st.builds(Seen, redactions, st.tuples(regions)), max_size=3))
def test_what_is_packed_comes_back_and_a_changed_record_does_not(seen):
    keys: Any = Keys()
    kept = pack(keys, "SE-1", seen)
    assert unpack(keys, kept) == seen
    with pytest.raises(IntegrityBroken):
        unpack(keys, replace(kept, content=kept.content + b" "))

from workbench.pixels.examining import Examined
from workbench.pixels.places import shared
from workbench.records.region import Region, RegionDecision, RegionSource

REDACT, REVIEW, KEEP = RegionDecision.REDACT, RegionDecision.REVIEW, RegionDecision.KEEP


def image(*regions, frames=1):
    return Examined(regions, (), frames)


def line(text, decision=REDACT, *, at=(20, 10), size=(90, 14), source=RegionSource.TEXT):
    (x, y), (width, height) = at, size
    return Region((1,), x, y, width, height, source, 0.9, text, decision, "because")


def box(region):
    return region.x, region.y, region.width, region.height


def test_a_line_that_changes_is_proposed_where_it_was_not_found():
    found = shared([image(line("10:04:11")), image(line("10:04:19", at=(22, 9))), image(), image(frames=3)])
    assert found[:2] == [(), ()]
    (one,), (loop,) = found[2:]
    assert (one.source, one.decision, one.text) == (RegionSource.SERIES, REDACT, "")
    assert box(one) == (20, 9, 92, 15)
    assert one.frames == (1,)
    assert loop.frames == (1, 2, 3)
    assert "2 other images" in one.explanation


def test_a_line_that_could_be_read_in_one_image_and_not_in_another_is_proposed():
    assert shared([image(line("ROE")), image(line("", REVIEW)), image()])[2]


def test_what_nobody_could_read_or_one_image_shows_is_not():
    assert not any(shared([image(line("", REVIEW)), image(line("", REVIEW)), image()]))
    assert not any(shared([image(line("ROE")), image(), image()]))


def test_the_same_line_in_a_few_images_is_theirs_and_in_half_of_them_everybodys():
    few = [image(line("ROE"))] * 2
    assert not any(shared([*few, *[image()] * 6]))
    assert sum(map(len, shared([*few, *[image()] * 2]))) == 2


def test_two_of_many_slices_do_not_blacken_all():
    changing = [image(line("A1B")), image(line("C2D"))]
    assert not any(shared([*changing, *[image()] * 300]))
    assert sum(map(len, shared([*changing * 8, *[image()] * 284]))) == 284


def test_a_mark_that_was_read_at_the_place_stays_and_other_places_are_others():
    seen = [image(line("10:04:11")), image(line("10:04:19")), image(line("SUPINE", KEEP))]
    assert shared(seen)[2] == ()
    elsewhere = image(line("10:05:00", at=(20, 60)))
    (proposed,) = shared([*seen, elsewhere])[3]
    assert proposed.y == 10


def test_overlays_and_images_that_were_not_seen_take_no_part():
    overlay = [image(line(text, source=RegionSource.OVERLAY)) for text in ("A", "B")]
    assert not any(shared([*overlay, image()]))
    assert shared([image(line("A")), image(line("B")), Examined((), (), 0)])[2] == ()

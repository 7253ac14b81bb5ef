"""What the detector finds and what it costs, on images of our own: other grounds, fonts and words than elsewhere."""

import time

import numpy as np
import pytest

from tests.bench.detection_many import share_covered
from tests.pixels.drawing import tissue, write
from workbench.pixels.examining import Examiner
from workbench.pixels.finding_text import Image
from workbench.pixels.judging import Judge
from workbench.records.known import KnownKind, KnownValue
from workbench.records.region import RegionDecision

pytestmark = pytest.mark.slow

NAMES = ("ROE RICHARD", "Okonkwo, Ada", "LINDQVIST^BO", "Dr. M. Farrow", "QUINN T")
NUMBERS = ("MRN 3310927", "ID: 88-2041-7", "ACC 50011873", "Tel 555-0147", "#771203")
DATES = ("14.02.1957", "1949-11-30", "Mar 03 2011", "09/27/1988", "20150612 10:44")
MARKS = ("SUPINE", "L", "kVp 120", "5 cm", "W:400 L:40")
KNOWN = [KnownValue(KnownKind.PATIENT, "ROE^RICHARD"), KnownValue(KnownKind.PATIENT, "OKONKWO^ADA")]
FAINT = 30


class One:
    """One frame in memory."""

    count = 1

    def __init__(self, image):
        self._image = image

    def image(self, number):
        return self._image


def ground(rng, kind):
    """Return samples, what is black and white in them, and whether these are exchanged."""
    if kind == "page":
        return np.full((400, 520), rng.choice([0.0, 245.0])), (0, 255), False
    if kind == "noise":
        return rng.normal(100, 8, (400, 520)), (0, 255), False
    soft = tissue(400, 520, seed=int(rng.integers(1 << 30)), level=float(rng.uniform(60, 170)))
    if kind == "wide":
        return soft * 8 + 200, (200, 2240), False
    return soft, (0, 255), kind == "inverted"


def planted(seed, *, faint=False):
    """Yield images, each with three lines, and the letters of these."""
    rng = np.random.default_rng(seed)
    for number in range(40):
        kind = ("tissue", "wide", "page", "noise", "inverted")[number % 5]
        samples, (black, white), inverted = ground(rng, kind)
        lines = []
        for row, words in enumerate((NAMES, NUMBERS, DATES)):
            at = (int(rng.integers(4, 200)), int(rng.integers(5, 80)) + 130 * row)
            em = int(rng.choice([10, 12, 14, 18, 24]))
            level = float(samples[at[1] : at[1] + em, at[0] : at[0] + 8 * em].mean())
            away = (white - black) * (FAINT / 255 if faint else 0.5)
            ink = level + away if level < (black + white) / 2 else level - away
            left, top, right, bottom = write(samples, str(rng.choice(words)), at, ink, em=em)
            letters = np.zeros(samples.shape, bool)
            letters[top:bottom, left:right] = True
            lines.append(letters)
        yield frame(samples, kind, inverted), lines


def frame(samples, kind, inverted):
    if kind == "wide":
        return Image(samples.clip(0, 4095).astype(np.uint16), False, 1220, 2040)
    return Image(samples.clip(0, 255).astype(np.uint8), inverted)


@pytest.fixture(scope="module")
def examiner():
    return Examiner()


@pytest.mark.parametrize(("faint", "least", "least_images"), [(False, 0.98, 0.955), (True, 0.90, 0.85)])
def test_identifiers_are_found(examiner, faint, least, least_images):
    found, images, kept = [], [], 0
    for image, lines in planted(20_261 + faint, faint=faint):
        regions = examiner.examine(One(image), Judge(KNOWN)).regions
        hits = [share_covered(regions, letters) >= 0.9 for letters in lines]
        found += hits
        images.append(all(hits))
        kept += sum(each.decision is RegionDecision.KEEP for each in regions)
    print(f"found {np.mean(found):.3f} of {len(found)} items, whole images {np.mean(images):.3f}")  # noqa: T201 (a figure)
    assert np.mean(found) >= least
    assert np.mean(images) >= least_images
    assert kept == 0


def test_images_without_text_get_few_boxes(examiner):
    rng = np.random.default_rng(20_263)
    boxes, read = [], []
    for number in range(40):
        kind = ("tissue", "wide", "page", "noise", "inverted")[number % 5]
        samples, (_, white), inverted = ground(rng, kind)
        lines(rng, samples, white)
        regions = examiner.examine(One(frame(samples, kind, inverted)), Judge(KNOWN)).regions
        boxes.append(sum(each.decision is not RegionDecision.KEEP for each in regions))
        read.append(sum(sum(map(str.isalnum, each.text)) >= 2 for each in regions))
    print(f"{np.mean(boxes):.2f} boxes, {np.mean(read):.2f} with text, on an image without any")  # noqa: T201 (a figure)
    assert np.mean(boxes) <= 1.0
    assert np.mean(read) <= 0.1


def lines(rng, samples, ink):
    """Draw a ruler, a box and calipers, which are no text."""
    column, row = int(rng.integers(300, 500)), int(rng.integers(20, 150))
    samples[40:360, column] = ink
    for at in range(40, 360, 16):
        samples[at, column - (10 if at % 80 == 40 else 5) : column] = ink
    samples[row, 60:160] = samples[row + 90, 60:160] = ink
    samples[row : row + 90, 60] = samples[row : row + 90, 160] = ink
    for x, y in rng.integers(200, 290, (2, 2)):
        samples[y, x - 5 : x + 6] = samples[y - 5 : y + 6, x] = ink


def test_marks_that_identify_nobody_stay_and_match_nobody(examiner):
    rng = np.random.default_rng(20_264)
    decisions, matched = [], 0
    for number in range(20):
        samples, (_, white), inverted = ground(rng, "tissue")
        for row, text in enumerate((MARKS[number % 5], MARKS[(number + 2) % 5])):
            write(samples, text, (60, 80 + 150 * row), white, em=16)
        regions = examiner.examine(One(frame(samples, "tissue", inverted)), Judge(KNOWN)).regions
        decisions += [each.decision is RegionDecision.KEEP for each in regions]
        matched += sum("header" in each.explanation for each in regions)
    assert len(decisions) >= 36
    assert np.mean(decisions) >= 0.8
    assert matched == 0


def test_a_careful_look_costs_few_times_a_single_pass(examiner):
    (image, _), *_ = planted(20_265)
    spent = {}
    for name, each in (("fast", Examiner("fast")), ("careful", examiner)):
        rounds = []
        for _round in range(5):
            started = time.process_time()
            each.examine(One(image), Judge(KNOWN))
            rounds.append(time.process_time() - started)
        spent[name] = sorted(rounds)[2]
    print({name: f"{1000 * each:.0f} ms" for name, each in spent.items()})  # noqa: T201 (a figure)
    assert spent["careful"] / spent["fast"] < 5

"""Reader fitness: what a radiologist measures, scrolls and compares by is that of the input.

Each group of attributes is a check of its own name. The values count, not their spelling: `1.0` is `1`.
"""

from collections.abc import Iterator
from functools import cache

from workbench.records.finding import Finding, Note
from workbench.records.path import tag_path
from workbench.standard.dictionary import tag_of
from workbench.standard.table import ROWS
from workbench.verify.checks.elements import fits
from workbench.verify.days import Day, day_of
from workbench.verify.elements import Element, same_value
from workbench.verify.pair import ANY, Circumstances, Lack, Pair, Place, Said, found, noted
from workbench.verify.reading import Reading

_GROUPS: dict[str, tuple[str, str, str]] = {
    "fitness-geometry": (
        "PS3.3 C.7.6.2, C.7.6.16.2, C.8.8.6",
        "The geometry",
        """
        ImagePositionPatient ImageOrientationPatient PixelSpacing ImagerPixelSpacing NominalScannedPixelSpacing
        SliceThickness SpacingBetweenSlices SliceLocation PixelAspectRatio GantryDetectorTilt TableHeight
        PatientPosition PatientOrientation DistanceSourceToDetector DistanceSourceToPatient
        EstimatedRadiographicMagnificationFactor PixelSpacingCalibrationType ImagePositionVolume ImageOrientationVolume
        ImageOrientationSlide XOffsetInSlideCoordinateSystem YOffsetInSlideCoordinateSystem
        ZOffsetInSlideCoordinateSystem ImagedVolumeWidth ImagedVolumeHeight TotalPixelMatrixColumns
        TotalPixelMatrixRows ColumnPositionInTotalImagePixelMatrix RowPositionInTotalImagePixelMatrix ContourData
        ContourGeometricType NumberOfContourPoints FrameOfReferenceTransformationMatrix GridFrameOffsetVector
        DoseGridScaling PhysicalDeltaX PhysicalDeltaY PhysicalUnitsXDirection PhysicalUnitsYDirection
        RegionLocationMinX0 RegionLocationMinY0 RegionLocationMaxX1 RegionLocationMaxY1 ReferencePixelX0
        ReferencePixelY0 GantryAngle PatientSupportAngle IsocenterPosition
        """,
    ),
    "fitness-windows": (
        "PS3.3 C.11.2",
        "A window",
        "WindowCenter WindowWidth VOILUTFunction PresentationLUTShape SmallestImagePixelValue LargestImagePixelValue",
    ),
    "fitness-rescale": (
        "PS3.3 C.11.1",
        "The rescaling of pixel values",
        """
        RescaleIntercept RescaleSlope RescaleType RealWorldValueIntercept RealWorldValueSlope
        RealWorldValueFirstValueMapped RealWorldValueLastValueMapped PhotometricInterpretation PixelPaddingValue
        DoseUnits DoseType
        """,
    ),
    "fitness-suv": (
        "PS3.3 C.8.9.1, C.8.9.4",
        "What an uptake value is computed from",
        """
        Units DecayCorrection DecayFactor CorrectedImage FrameReferenceTime ActualFrameDuration RadionuclideTotalDose
        RadionuclideHalfLife RadionuclidePositronFraction DoseCalibrationFactor SUVType
        """,
    ),
    "fitness-laterality": (
        "PS3.3 C.7.3.1, C.7.6.16",
        "The side or view",
        "Laterality ImageLaterality FrameLaterality ViewPosition MeasurementLaterality",
    ),
    "fitness-frame-order": (
        "PS3.3 C.7.6.6, C.7.6.16, C.7.6.17",
        "The order or timing of frames",
        """
        NumberOfFrames FrameIncrementPointer FrameTime FrameTimeVector FrameDelay CineRate RecommendedDisplayFrameRate
        DimensionIndexValues DimensionIndexPointer FunctionalGroupPointer StackID InStackPositionNumber
        TemporalPositionIndex FrameAcquisitionNumber ReferencedFrameNumber ReferencedFrameNumbers
        ReferencedSegmentNumber SegmentNumber TriggerTime NominalCardiacTriggerDelayTime
        """,
    ),
    "fitness-series-order": (
        "PS3.3 C.7.3.1, C.7.6.1",
        "A number that sorts series or images",
        """
        SeriesNumber AcquisitionNumber InstanceNumber TemporalPositionIdentifier NumberOfTemporalPositions
        TemporalPositionTimeOffset ImagesInAcquisition EchoNumbers
        """,
    ),
}

INJECTION, INJECTION_TIME = 0x00181078, 0x00181072
HALF_LIFE, SEQUENCE = 0x00181075, 0x00540016
_PT = frozenset({"1.2.840.10008.5.1.4.1.1.128", "1.2.840.10008.5.1.4.1.1.130"})


class _Group:
    """The name and clause of one group."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rule, self.what, _keywords = _GROUPS[name]


@cache
def _group_of() -> dict[int, _Group]:
    """Group by tag; what the table lists is judged by the table."""
    groups: dict[int, _Group] = {}
    for name, (_rule, _what, keywords) in _GROUPS.items():
        group = _Group(name)
        for keyword in keywords.split():
            tag = tag_of(keyword)
            if tag is None:
                raise LookupError(keyword)
            if tag not in ROWS:
                groups[tag] = group
    return groups


def names() -> tuple[tuple[str, str, str], ...]:
    """Return name, clause and subject of each group."""
    return tuple((name, rule, what) for name, (rule, what, _keywords) in _GROUPS.items())


class FitnessKept:
    """What a reader relies on has the value of the input."""

    name = "fitness"
    rule = "PS3.3 C.7"
    vrs = ANY

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding of the group whose attribute differs; what was malformed in the input may go."""
        group, before = _group_of().get(place.element.tag), place.counterpart
        if group is None or before is None or not before.value or not fits(before):
            return
        if not _equal(before, place.element) and not _given_up(tag_path(place.path), place.around):
            yield _say(group, place.where, "differs from the input", before)


class FitnessGone:
    """What a reader relies on is there."""

    name = "fitness"
    rule = "PS3.3 C.7"

    def applies(self, place: tuple[int, ...], around: Circumstances) -> bool:
        """Tell whether the attribute is of a group, and the profile does not remove it on purpose."""
        return place[-1] in _group_of() and not _given_up(place, around)

    def judge(self, lack: Lack) -> Iterator[Said]:
        """Yield a finding for a value that is gone."""
        group = _group_of()[lack.path[-1]]
        if lack.element.value and lack.element.value.strip(b" \0") and fits(lack.element):
            yield _say(group, lack.where, "is gone", lack.element)


def _say(group: _Group, where: str, what: str, before: Element) -> Said:
    """Return a finding; a note for words, which a profile may clean."""
    kind = Note if before.vr in ("LO", "SH", "ST", "LT", "UT", "UC") else Finding
    return kind(group.name, group.rule, where, f"{group.what} {what}.")


def _given_up(place: tuple[int, ...], around: Circumstances) -> bool:
    return around.promises is not None and place in around.promises.given_up


def _equal(before: Element, after: Element) -> bool:
    if same_value(before, after):
        return True
    if before.vr not in ("DS", "IS") or not before.value or not after.value:
        return False
    had, has = before.value.split(b"\\"), after.value.split(b"\\")
    try:
        return len(had) == len(has) and all(
            float(x.strip() or b"0") == float(y.strip() or b"0") for x, y in zip(had, has, strict=True)
        )
    except ValueError:
        return False


class UptakeTiming:
    """The interval from injection to scan, from which a PET reader computes uptake, is that of the input."""

    name = "fitness-suv"
    rule = "PS3.3 C.8.9.1"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield a finding when the interval differs, a note when a profile that tells no times gives it up."""
        if pair.after.text(0x00080016) not in _PT:
            return
        had = _interval(pair.before)
        if had is None:
            return
        has = _interval(pair.after)
        where = "(0054,0016)"
        if has is None:
            message = "The interval from injection to scan is no longer told: uptake values cannot be computed."
            kept = pair.dates in ("full", "shift")
            yield found(self, where, message) if kept else noted(self, where, message)
        elif abs(has - had) > 0.5:
            yield found(self, where, "The interval from injection to scan differs from the input.")


def _interval(reading: Reading) -> float | None:
    """Return the seconds from injection to scan; None when the data set does not tell."""
    sequence = reading.by_tag.get(SEQUENCE)
    if sequence is None or sequence.items is None or not sequence.items.items:
        return None
    first = {element.tag: element for element in sequence.items.items[0]}
    scan = _moment(reading.text(0x00080022), reading.text(0x00080032))
    if scan is None:
        scan = _moment(reading.text(0x00080021), reading.text(0x00080031))
    if scan is None:
        return None
    if INJECTION in first:
        injected = _date_time(first[INJECTION].text())
        if injected is not None:
            return scan - injected
    if INJECTION_TIME in first:
        seconds = _seconds(first[INJECTION_TIME].text())
        if seconds is not None:
            return (scan - seconds) % 86400
    return None


def _moment(day: str, time: str) -> float | None:
    found_day, seconds = day_of("DA", day), _seconds(time)
    return None if found_day is None or seconds is None else found_day.ordinal * 86400 + seconds


def _date_time(text: str) -> float | None:
    day: Day | None = day_of("DT", text)
    seconds = _seconds(day.rest) if day is not None else None
    return None if day is None or seconds is None else day.ordinal * 86400 + seconds


def _seconds(text: str) -> float | None:
    """Return the seconds since midnight of a TM, or of the time in a DT (an offset from UTC is left out of account)."""
    digits = text.replace(":", "").split("+")[0].split("-")[0]
    whole, _, fraction = digits.partition(".")
    if not whole.isdigit() or len(whole) not in (2, 4, 6) or (fraction and not fraction.isdigit()):
        return None
    hours, minutes, seconds = int(whole[:2]), int(whole[2:4] or 0), int(whole[4:6] or 0)
    return hours * 3600 + minutes * 60 + seconds + float(f"0.{fraction or 0}")

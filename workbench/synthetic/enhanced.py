"""A cardiac cine as one Enhanced MR Image: all frames and their geometry in functional groups (PS3.3 A.36.2)."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedMRImageStorage, MRImageStorage

from workbench.synthetic import modules
from workbench.synthetic.heart import short_axis
from workbench.synthetic.modules import Visit, item
from workbench.synthetic.people import SPANISH

LEVELS, PHASES, SIZE, SPACING, THICKNESS = 3, 12, 160, 2.0, 8.0
BEAT = 840.0
"""Length of a heart cycle in milliseconds."""


def arrange(seed: int) -> Visit:
    """Return the visit of this kind of study."""
    return modules.arrange_visit(
        "mr-heart-enhanced",
        SPANISH,
        seed=seed,
        modality="MR",
        department="Cardiología",
        title="MR HEART",
        remark="Sra. {family} viene con su hermana",
    )


def write_study(visit: Visit, folder: Path) -> int:
    """Write the study and return the number of its instances."""
    frames = [
        short_axis(phase / PHASES, level=level / LEVELS, size=SIZE, draw=visit.draw)
        for level in range(LEVELS)
        for phase in range(PHASES)
    ]
    ds = modules.begin(visit, sop_class=EnhancedMRImageStorage, name="cine")
    modules.add_series(ds, visit, modality="MR", name="cine", number=5, title="CINE SHORT AXIS", minute=9)
    modules.add_frame_of_reference(ds, visit, "heart")
    _image(ds, visit)
    _dimensions(ds, visit)
    ds.SharedFunctionalGroupsSequence = [_shared(visit)]
    ds.PerFrameFunctionalGroupsSequence = Sequence(
        [_frame(visit, level, phase) for level in range(LEVELS) for phase in range(PHASES)]
    )
    modules.add_pixels(ds, np.clip(np.stack(frames), 0, 4095).round(), bits=12)
    ds.ReferencedImageEvidenceSequence = [
        item(
            StudyInstanceUID=visit.study_uid,
            ReferencedSeriesSequence=[
                item(
                    SeriesInstanceUID=visit.series("scout"),
                    ReferencedSOPSequence=[modules.reference(MRImageStorage, visit.instance("scout"))],
                )
            ],
        )
    ]
    modules.write(ds, folder / "CINE" / "IM0001.dcm", visit)
    _write_scout(visit, folder / "SCOUT" / "IM0001.dcm")
    return 2


def _write_scout(visit: Visit, path: Path) -> None:
    ds = modules.begin(visit, sop_class=MRImageStorage, name="scout")
    modules.add_series(ds, visit, modality="MR", name="scout", number=1, title="SCOUT", minute=3)
    modules.add_frame_of_reference(ds, visit, "heart")
    ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    ds.BodyPartExamined, ds.PatientPosition = "HEART", "HFS"
    ds.InstanceNumber, ds.AcquisitionNumber = 1, 1
    ds.AcquisitionDate, ds.AcquisitionTime = visit.dicom_day, visit.time(3)
    ds.ContentDate, ds.ContentTime = visit.dicom_day, visit.time(3, 30)
    ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "GR", "SS", ""
    ds.MRAcquisitionType, ds.RepetitionTime, ds.EchoTime, ds.EchoTrainLength = "2D", "3.1", "1.5", 1
    ds.MagneticFieldStrength, ds.FlipAngle = "1.5", "60"
    corner = -SIZE * SPACING / 2
    ds.ImageOrientationPatient, ds.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [corner, corner, 0]
    ds.SliceThickness, ds.PixelSpacing = str(THICKNESS), [str(SPACING), str(SPACING)]
    ds.WindowCenter, ds.WindowWidth = "480", "960"
    ds.BurnedInAnnotation = "NO"
    plane = short_axis(0.0, level=0.1, size=SIZE, draw=visit.draw)
    modules.add_pixels(ds, np.clip(plane, 0, 4095).round(), bits=12)
    modules.write(ds, path, visit)


def _image(ds: Dataset, visit: Visit) -> None:
    ds.ImageType = ["ORIGINAL", "PRIMARY", "CINE", "NONE"]
    ds.InstanceNumber = 1
    ds.NumberOfFrames = LEVELS * PHASES
    ds.AcquisitionNumber = 1
    ds.AcquisitionDateTime = f"{visit.dicom_day}{visit.time(9)}.000"
    ds.AcquisitionDuration = BEAT * 8
    ds.ContentDate, ds.ContentTime = visit.dicom_day, visit.time(10)
    ds.ContentQualification = "PRODUCT"
    ds.PixelPresentation, ds.VolumetricProperties, ds.VolumeBasedCalculationTechnique = "MONOCHROME", "VOLUME", "NONE"
    ds.ComplexImageComponent, ds.AcquisitionContrast = "MAGNITUDE", "T2"
    ds.MagneticFieldStrength, ds.ResonantNucleus, ds.KSpaceFiltering = 1.5, "1H", "NONE"
    ds.ApplicableSafetyStandardAgency = "IEC"
    ds.PatientPosition = "HFS"
    ds.BurnedInAnnotation, ds.LossyImageCompression = "NO", "00"
    ds.PresentationLUTShape = "IDENTITY"
    ds.AcquisitionContextSequence = Sequence([])
    ds.SynchronizationTrigger, ds.AcquisitionTimeSynchronized = "NO TRIGGER", "N"
    ds.SynchronizationFrameOfReferenceUID = visit.draw.uid("synchronization")
    ds.CardiacSynchronizationTechnique, ds.CardiacSignalSource = "RETROSPECTIVE", "ECG"
    ds.CardiacRRIntervalSpecified = BEAT
    ds.CardiacBeatRejectionTechnique = "NONE"
    ds.LowRRValue, ds.HighRRValue, ds.IntervalsAcquired, ds.IntervalsRejected = 780, 910, 8, 0
    ds.RespiratoryMotionCompensationTechnique = "BREATH_HOLD"
    ds.RespiratorySignalSource = "NONE"
    _pulse_sequence(ds)


def _pulse_sequence(ds: Dataset) -> None:
    ds.PulseSequenceName, ds.MRAcquisitionType = "tfi2d12", "2D"
    ds.EchoPulseSequence = "GRADIENT"
    ds.MultiPlanarExcitation, ds.PhaseContrast, ds.TimeOfFlightContrast = "NO", "NO", "NO"
    ds.SteadyStatePulseSequence, ds.EchoPlanarPulseSequence = "FREE_PRECESSION", "NO"
    ds.SaturationRecovery, ds.SpectrallySelectedSuppression = "NO", "NONE"
    ds.OversamplingPhase, ds.GeometryOfKSpaceTraversal = "NONE", "RECTILINEAR"
    ds.RectilinearPhaseEncodeReordering, ds.SegmentedKSpaceTraversal = "LINEAR", "PARTIAL"
    ds.NumberOfKSpaceTrajectories = 1


def _dimensions(ds: Dataset, visit: Visit) -> None:
    organization = visit.draw.uid("dimensions")
    ds.DimensionOrganizationSequence = [item(DimensionOrganizationUID=organization)]
    ds.DimensionIndexSequence = [
        item(
            DimensionOrganizationUID=organization,
            DimensionIndexPointer=pointer,
            FunctionalGroupPointer=group,
            DimensionDescriptionLabel=label,
        )
        for pointer, group, label in (
            (0x00209057, 0x00209111, "In-Stack Position Number"),
            (0x00209153, 0x00189118, "Nominal Cardiac Trigger Delay Time"),
        )
    ]


def _shared(visit: Visit) -> Dataset:
    return item(
        PixelMeasuresSequence=[item(PixelSpacing=[SPACING, SPACING], SliceThickness=THICKNESS)],
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        FrameAnatomySequence=[
            item(FrameLaterality="U", AnatomicRegionSequence=modules.coded("80891009", "SCT", "Heart"))
        ],
        FrameVOILUTSequence=[item(WindowCenter=480, WindowWidth=960)],
        PixelValueTransformationSequence=[item(RescaleIntercept=0, RescaleSlope=1, RescaleType="US")],
        MRImageFrameTypeSequence=[
            item(
                FrameType=["ORIGINAL", "PRIMARY", "CINE", "NONE"],
                PixelPresentation="MONOCHROME",
                VolumetricProperties="VOLUME",
                VolumeBasedCalculationTechnique="NONE",
                ComplexImageComponent="MAGNITUDE",
                AcquisitionContrast="T2",
            )
        ],
        MRTimingAndRelatedParametersSequence=[
            item(
                RepetitionTime=2.9,
                FlipAngle=60,
                EchoTrainLength=1,
                RFEchoTrainLength=0,
                GradientEchoTrainLength=1,
                SpecificAbsorptionRateSequence=[
                    item(SpecificAbsorptionRateDefinition="IEC_WHOLE_BODY", SpecificAbsorptionRateValue=0.4)
                ],
                GradientOutputType="DB_DT",
                GradientOutput=21.5,
                OperatingModeSequence=[
                    item(OperatingModeType=kind, OperatingMode="IEC_NORMAL")
                    for kind in ("STATIC FIELD", "RF", "GRADIENT")
                ],
            )
        ],
        MREchoSequence=[item(EffectiveEchoTime=1.45)],
        MRModifierSequence=[
            item(
                InversionRecovery="NO",
                FlowCompensation="NONE",
                Spoiling="NONE",
                T2Preparation="NO",
                SpectrallySelectedExcitation="NONE",
                SpatialPresaturation="NONE",
                PartialFourier="NO",
                ParallelAcquisition="NO",
            )
        ],
        MRImagingModifierSequence=[
            item(
                MagnetizationTransfer="NONE",
                BloodSignalNulling="NO",
                Tagging="NONE",
                TransmitterFrequency=63.87,
                PixelBandwidth=930,
            )
        ],
        MRReceiveCoilSequence=[
            item(
                ReceiveCoilName="BODY 18",
                ReceiveCoilManufacturerName=modules.MAKER,
                ReceiveCoilType="SURFACE",
                QuadratureReceiveCoil="NO",
            )
        ],
        MRTransmitCoilSequence=[
            item(TransmitCoilName="BODY", TransmitCoilManufacturerName=modules.MAKER, TransmitCoilType="BODY")
        ],
        MRFOVGeometrySequence=[
            item(
                InPlanePhaseEncodingDirection="ROW",
                MRAcquisitionFrequencyEncodingSteps=SIZE,
                MRAcquisitionPhaseEncodingStepsInPlane=SIZE,
                PercentSampling=100,
                PercentPhaseFieldOfView=100,
            )
        ],
        MRAveragesSequence=[item(NumberOfAverages=1)],
        ReferencedImageSequence=[
            modules.reference(
                MRImageStorage,
                visit.instance("scout"),
                PurposeOfReferenceCodeSequence=modules.coded("121311", "DCM", "Localizer"),
            )
        ],
    )


def _frame(visit: Visit, level: int, phase: int) -> Dataset:
    moment = f"{visit.dicom_day}{visit.time(9, phase)}.000"
    corner = -SIZE * SPACING / 2
    comment = visit.plant("frame comments (functional group)", f"{visit.person.family} could not hold her breath")
    content = item(
        FrameAcquisitionNumber=1,
        FrameReferenceDateTime=moment,
        FrameAcquisitionDateTime=moment,
        FrameAcquisitionDuration=BEAT / PHASES,
        CardiacCyclePosition="UNDETERMINED",
        RespiratoryCyclePosition="UNDETERMINED",
        StackID="1",
        InStackPositionNumber=level + 1,
        TemporalPositionIndex=phase + 1,
        DimensionIndexValues=[level + 1, phase + 1],
    )
    if level == 1:
        content.FrameComments = comment
    return item(
        FrameContentSequence=[content],
        PlanePositionSequence=[item(ImagePositionPatient=[corner, corner, level * (THICKNESS + 2)])],
        CardiacSynchronizationSequence=[
            item(NominalCardiacTriggerDelayTime=BEAT * phase / PHASES, RRIntervalTimeNominal=BEAT)
        ],
    )

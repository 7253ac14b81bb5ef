"""The modules of PS3.3 that all kinds of studies share, with identities planted in them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from workbench.synthetic.draw import Draw
from workbench.synthetic.people import Culture, Person, Site, Staff, invent_person, invent_site, invent_staff
from workbench.synthetic.planting import Planter

IMPLEMENTATION_UID = UID("2.25.302190754318820134720158862403926571941")
MAKER = "Phantom Works"


@dataclass(frozen=True, slots=True)
class Visit:
    """One study of one invented patient: what its instances have in common."""

    draw: Draw
    plant: Planter
    person: Person
    staff: Staff
    site: Site
    day: date
    hour: int
    accession: str
    study_id: str
    study_uid: str
    title: str
    remark: str

    @property
    def dicom_day(self) -> str:
        """Return the day of the visit as a DICOM date."""
        return self.day.strftime("%Y%m%d")

    def instance(self, name: str) -> str:
        """Return the SOP Instance UID of an instance of this visit."""
        return self.draw.uid(f"instance {name}")

    def series(self, name: str) -> str:
        """Return the Series Instance UID of a series of this visit."""
        return self.draw.uid(f"series {name}")

    def time(self, minute: int, second: int = 0) -> str:
        """Return a DICOM time, `minute` minutes after the hour of the visit."""
        return f"{self.hour + minute // 60:02d}{minute % 60:02d}{second:02d}"


def arrange_visit(
    kind: str, culture: Culture, *, seed: int, modality: str, department: str, title: str, remark: str, issuer: str = ""
) -> Visit:
    """Return a visit for one kind of study; `remark` may use {family} for the patient's family name."""
    draw = Draw(seed, kind)
    person = invent_person(draw, culture, issuer=issuer or f"MRN-{draw.digits(4)}")
    return Visit(
        draw=draw,
        plant=Planter(),
        person=person,
        staff=invent_staff(draw),
        site=invent_site(draw, culture, department=department, modality=modality),
        day=draw.day(date(2023, 2, 1), date(2025, 6, 30)),
        hour=draw.whole(8, 16),
        accession=f"ACC{draw.digits(8)}",
        study_id=f"ST{draw.digits(6)}",
        study_uid=draw.uid("study"),
        title=title,
        remark=remark.format(family=person.family),
    )


def item(**attributes: object) -> Dataset:
    """Return a data set with the named attributes."""
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def coded(value: str, scheme: str, meaning: str) -> Sequence:
    """Return a code sequence of one item."""
    return Sequence([item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)])


def reference(sop_class: str, sop_instance: str, **more: object) -> Dataset:
    """Return one item that refers to an instance."""
    return item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=sop_instance, **more)


def begin(visit: Visit, *, sop_class: str, name: str, charset: tuple[str, ...] | None = None) -> Dataset:
    """Return a data set with the Patient, General Study and SOP Common modules; `name` makes the instance UID."""
    ds = Dataset()
    ds.SpecificCharacterSet = list(charset or visit.person.charset)
    ds.SOPClassUID = sop_class
    ds.SOPInstanceUID = visit.instance(name)
    ds.InstanceCreationDate, ds.InstanceCreationTime = visit.dicom_day, visit.time(12)
    _patient(ds, visit)
    _study(ds, visit)
    return ds


def _patient(ds: Dataset, visit: Visit) -> None:
    person, plant = visit.person, visit.plant
    ds.PatientName = plant("patient name", person.name)
    ds.PatientID = plant("patient id", person.patient_id)
    ds.IssuerOfPatientID = person.issuer
    ds.PatientBirthDate = plant("birth date", person.birth_date.strftime("%Y%m%d"))
    ds.PatientSex = person.sex
    ds.OtherPatientIDsSequence = [
        item(
            PatientID=plant("other patient id", person.other_id),
            IssuerOfPatientID=person.issuer,
            TypeOfPatientID="TEXT",
        )
    ]
    ds.OtherPatientNames = plant("alias", person.alias)
    ds.PatientBirthName = plant("birth name", f"{person.birth_name}^{person.romanized.split('^')[1]}")
    ds.PatientAddress = plant("address", f"{person.street}, {person.town}")
    ds.PatientTelephoneNumbers = plant("telephone", person.phone)
    ds.Occupation = plant("occupation", person.occupation)
    age = visit.day.year - person.birth_date.year
    age -= (visit.day.month, visit.day.day) < (person.birth_date.month, person.birth_date.day)
    ds.PatientAge = f"{age:03d}Y"
    ds.PatientSize, ds.PatientWeight = "1.68", str(visit.draw.whole(52, 88))
    ds.PatientComments = plant("patient comments", f"{visit.remark}; insurance {person.insurance}")


def _study(ds: Dataset, visit: Visit) -> None:
    staff, plant = visit.staff, visit.plant
    ds.StudyInstanceUID = visit.study_uid
    ds.StudyDate, ds.StudyTime = plant("study date", visit.dicom_day), visit.time(0)
    ds.StudyID = plant("study id", visit.study_id)
    ds.AccessionNumber = plant("accession number", visit.accession)
    ds.StudyDescription = visit.title
    ds.ReferringPhysicianName = plant("referring physician", staff.referring)
    ds.ReferringPhysicianIdentificationSequence = [
        item(
            PersonIdentificationCodeSequence=coded("P-" + visit.study_id, "99PHANTOM", "Referring physician"),
            PersonAddress=plant("referring physician's address", f"Practice {staff.referring.split('^')[0]}"),
            PersonTelephoneNumbers=visit.site.phone,
            InstitutionName=plant("referring institution", f"Surgery of Dr {staff.referring.split('^')[0]}"),
        )
    ]
    ds.PhysiciansOfRecord = staff.referring
    ds.NameOfPhysiciansReadingStudy = plant("reading physician", staff.reading)


def add_series(
    ds: Dataset, visit: Visit, *, modality: str, name: str, number: int, title: str, minute: int, kept: bool = True
) -> None:
    """Add the General Series and General Equipment modules and the request that led to the series."""
    site, staff, plant = visit.site, visit.staff, visit.plant
    ds.Modality = modality
    ds.SeriesInstanceUID = visit.series(name)
    ds.SeriesNumber = number
    ds.SeriesDescription = title
    ds.SeriesDate, ds.SeriesTime = visit.dicom_day, visit.time(minute)
    ds.PerformedProcedureStepID = f"PPS{visit.study_id}"
    ds.PerformedProcedureStepStartDate, ds.PerformedProcedureStepStartTime = visit.dicom_day, visit.time(1)
    ds.PerformedProcedureStepDescription = visit.title
    if kept:
        ds.PerformingPhysicianName = plant("performing physician", staff.performing)
        ds.OperatorsName = plant("operator", staff.operator)
        ds.ProtocolName = title
    ds.RequestAttributesSequence = [
        item(
            RequestedProcedureID=f"RP{visit.study_id}",
            AccessionNumber=visit.accession,
            RequestedProcedureDescription=visit.title,
            ScheduledProcedureStepID=f"SPS{visit.study_id}",
            ScheduledProcedureStepDescription=visit.title,
            RequestingPhysician=plant("requesting physician (nested)", staff.requesting),
            ReasonForTheRequestedProcedure=plant(
                "reason for the request (nested)", f"Seen by Dr {staff.requesting.split('^')[0]} on {visit.site.ward}"
            ),
        )
    ]
    ds.Manufacturer = MAKER
    ds.ManufacturerModelName = f"PW {modality} 7"
    ds.InstitutionName = plant("institution", site.institution)
    ds.InstitutionAddress = plant("institution address", site.address)
    ds.InstitutionalDepartmentName = site.department
    ds.StationName = plant("station", site.station)
    ds.DeviceSerialNumber = plant("device serial number", f"SN{visit.accession[-6:]}")
    ds.SoftwareVersions = "7.2.1"
    ds.CurrentPatientLocation = plant("ward", site.ward)


def add_frame_of_reference(ds: Dataset, visit: Visit, name: str) -> None:
    """Add the Frame of Reference module."""
    ds.FrameOfReferenceUID = visit.draw.uid(f"frame of reference {name}")
    ds.PositionReferenceIndicator = ""


def add_pixels(ds: Dataset, pixels: npt.NDArray[np.generic], *, bits: int, signed: bool = False) -> None:
    """Add the Image Pixel module. `pixels` is frames? by rows by columns, with three samples last when it is RGB."""
    colour = pixels.shape[-1] == 3
    plane = pixels.shape[-3:-1] if colour else pixels.shape[-2:]
    ds.SamplesPerPixel = 3 if colour else 1
    ds.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        ds.PlanarConfiguration = 0
    ds.Rows, ds.Columns = plane
    ds.BitsAllocated = 8 if bits <= 8 else 16
    ds.BitsStored, ds.HighBit = bits, bits - 1
    ds.PixelRepresentation = int(signed)
    form = "<u1" if bits <= 8 else "<i2" if signed else "<u2"
    data = pixels.astype(form).tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OB" if bits <= 8 else "OW"


def file_meta(syntax: str = ExplicitVRLittleEndian) -> FileMetaDataset:
    """Return the part of the file meta information that does not depend on the data set."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID = IMPLEMENTATION_UID
    meta.ImplementationVersionName = "PHANTOM_7"
    return meta


def write(ds: Dataset, path: Path, visit: Visit, *, meta: FileMetaDataset | None = None, preamble: bytes = b"") -> None:
    """Write `ds` as a DICOM file (PS3.10). The sending AE title is planted in every file meta group."""
    ds.file_meta = meta or file_meta()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.SourceApplicationEntityTitle = visit.plant("source AE title (file meta)", visit.site.ae_title)
    ds.preamble = preamble.ljust(128, b"\0")
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)

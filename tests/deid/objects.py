"""Objects made by an independent library (highdicom) from the standard, with SECRET planted in what people write."""

import io
from functools import cache
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
from highdicom.sr.coding import CodedConcept
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import UID

SECRET = "SECRETQZX"
_UIDS = (UID(f"1.2.826.0.1.3680043.9.7.{number}") for number in range(1000, 9999))


@cache
def source() -> Dataset:
    path = get_testdata_file("CT_small.dcm")
    assert isinstance(path, str)
    found = pydicom.dcmread(path)
    found.PatientName, found.PatientID = f"{SECRET}^Erika", "4711-SECRETID"
    found.FrameOfReferenceUID = UID("1.2.826.0.1.3680043.9.7.1")
    return found


def own() -> dict[str, Any]:
    return {
        "series_instance_uid": next(_UIDS),
        "sop_instance_uid": next(_UIDS),
        "series_number": 7,
        "instance_number": 1,
    }


def equipment() -> dict[str, Any]:
    return {
        "manufacturer": "SIEMENS",
        "manufacturer_model_name": "Sensation",
        "software_versions": "1",
        "device_serial_number": SECRET,
    }


def written(ds: Dataset) -> bytes:
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def key_object() -> Dataset:
    content = hd.ko.KeyObjectSelection(
        document_title=codes.DCM.OfInterest,
        referenced_objects=[source()],
        observer_person_context=hd.sr.ObserverContext(
            observer_type=codes.DCM.Person,
            observer_identifying_attributes=hd.sr.PersonObserverIdentifyingAttributes(name=f"{SECRET}^A"),
        ),
        description=f"left lung nodule {SECRET}",
    )
    return hd.ko.KeyObjectSelectionDocument(
        [source()], content, manufacturer="SIEMENS", institution_name=SECRET, **own()
    )


def presentation() -> Dataset:
    words = hd.pr.TextObject(text_value=f"nodule {SECRET}", units="PIXEL", bounding_box=(1.0, 2.0, 9.0, 8.0))
    gone = hd.pr.TextObject(text_value=SECRET, units="PIXEL", bounding_box=(1.0, 2.0, 9.0, 8.0))
    line = hd.pr.GraphicObject(graphic_type="POLYLINE", graphic_data=np.array([[1.0, 2.0], [3.0, 4.0]]), units="PIXEL")
    layer = hd.pr.GraphicLayer(layer_name="LAYER1", order=1, description=SECRET)
    return hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[source()],
        content_label="LABEL",
        content_description=SECRET,
        graphic_layers=[layer],
        graphic_annotations=[
            hd.pr.GraphicAnnotation(
                referenced_images=[source()], graphic_layer=layer, graphic_objects=[line], text_objects=[words, gone]
            ),
        ],
        institution_name=SECRET,
        content_creator_name=f"{SECRET}^A",
        voi_lut_transformations=[hd.pr.SoftcopyVOILUTTransformation(window_center=40.0, window_width=400.0)],
        **equipment(),
        **own(),
    )


def segmentation() -> Dataset:
    description = hd.seg.SegmentDescription(
        segment_number=1,
        segment_label=f"Liver {SECRET}",
        segmented_property_category=codes.SCT.Organ,
        segmented_property_type=codes.SCT.Liver,
        algorithm_type="MANUAL",
        tracking_uid=next(_UIDS),
        tracking_id=SECRET,
    )
    mask = np.zeros((128, 128), dtype=np.uint8)
    mask[10:20, 10:20] = 1
    return hd.seg.Segmentation(
        source_images=[source()],
        pixel_array=mask,
        segmentation_type="BINARY",
        segment_descriptions=[description],
        content_description=SECRET,
        content_creator_name=f"{SECRET}^A",
        **equipment(),
        **own(),
    )


def parametric_map() -> Dataset:
    mapping = hd.pm.RealWorldValueMapping(
        lut_label=SECRET,
        lut_explanation=f"Perfusion {SECRET}",
        unit=codes.UCUM.NoUnits,
        value_range=(0.0, 1.0),
        intercept=0.0,
        slope=1.0,
    )
    return hd.pm.ParametricMap(
        source_images=[source()],
        pixel_array=np.linspace(0, 1, 128 * 128, dtype=np.float32).reshape(128, 128),
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[mapping],
        voi_lut_transformations=[hd.VOILUTTransformation(window_center=0.5, window_width=1.0)],
        content_description=SECRET,
        **equipment(),
        **own(),
    )


def report() -> Dataset:
    person = hd.sr.ObserverContext(
        observer_type=codes.DCM.Person,
        observer_identifying_attributes=hd.sr.PersonObserverIdentifyingAttributes(
            name=f"{SECRET}^A", login_name=SECRET, organization_name=SECRET
        ),
    )
    device = hd.sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
            uid=next(_UIDS), name=SECRET, serial_number=SECRET
        ),
    )
    region = hd.sr.ImageRegion(
        graphic_type=hd.sr.GraphicTypeValues.POLYLINE,
        graphic_data=np.array([[1.0, 2.0], [3.0, 4.0]]),
        source_image=hd.sr.SourceImageForRegion.from_source_image(source()),
    )
    group = hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(next(_UIDS), SECRET),
        referenced_region=region,
        finding_type=codes.SCT.Nodule if hasattr(codes.SCT, "Nodule") else codes.SCT.Mass,
        measurements=[hd.sr.Measurement(name=codes.SCT.Length, value=12.5, unit=codes.UCUM.Millimeter)],
        qualitative_evaluations=[
            hd.sr.QualitativeEvaluation(
                name=CodedConcept("1", "99LOCAL", "Appearance"), value=CodedConcept("2", "99LOCAL", f"Round {SECRET}")
            ),
        ],
    )
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_person_context=person, observer_device_context=device),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=[group],
        title=codes.DCM.ImagingMeasurementReport,
    )
    return hd.sr.Comprehensive3DSR(
        evidence=[source()],
        content=content[0],
        manufacturer="SIEMENS",
        institution_name=SECRET,
        is_complete=True,
        is_verified=True,
        verifying_observer_name=f"{SECRET}^B",
        verifying_organization=SECRET,
        **own(),
    )


MAKERS = {
    "key object": key_object,
    "presentation": presentation,
    "segmentation": segmentation,
    "parametric map": parametric_map,
    "report": report,
}

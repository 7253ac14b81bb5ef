import pytest

from tests.pixels.images import described, layout
from workbench.dicom.source import read_instance
from workbench.pixels.lead_in import lead_ins

SECONDARY = "1.2.840.10008.5.1.4.1.1.7"


def reasons(tmp_path, **attributes):
    data_set = described(layout(2, 2))
    for keyword, value in attributes.items():
        setattr(data_set, keyword, value)
    data_set.PixelData = bytes(4)
    data_set.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    return list(lead_ins(read_instance(tmp_path / "a.dcm")))


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"BurnedInAnnotation": "YES"}, "Burned In Annotation"),
        ({"SOPClassUID": SECONDARY}, "Secondary Capture"),
        ({"SOPClassUID": f"{SECONDARY}.4"}, "Secondary Capture"),
        ({"ConversionType": "SD"}, "a scanned document"),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "screen capture"),
        ({"ImageType": ["DERIVED", "SECONDARY", "OTHER", "DOSE_INFO"]}, "dose sheet"),
        ({"Modality": "OT"}, "Modality"),
    ],
)
def test_kinds_that_often_show_identity_are_named(tmp_path, attributes, said):
    (reason,) = reasons(tmp_path, **attributes)
    assert said in reason


def test_an_ordinary_image_has_no_such_reason(tmp_path):
    ordinary = {
        "BurnedInAnnotation": "NO",
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "Modality": "US",
        "ConversionType": "DI",
    }
    assert reasons(tmp_path, **ordinary) == []

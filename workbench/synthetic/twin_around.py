"""What every object of a twin has besides its shape: all the other places in which a value can hide."""

import io
import struct
import warnings
from typing import TYPE_CHECKING, Final

from workbench.synthetic.twin_values import Forged, Identity

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workbench.synthetic.twin import Planting
    from workbench.synthetic.twin_shape import Shape, Spot

NUMBERS: Final = {
    "US": 1, "SS": 1, "UL": 1, "SL": 1, "FL": 1.5, "FD": 1.5, "UV": 1, "SV": 1, "DS": "1.5", "IS": "1",
    "AT": 0x00080018, "OW": b"\0\0", "OF": b"\0\0\0\0", "OD": bytes(8), "OL": bytes(4), "OV": bytes(8),
}  # fmt: skip
"""Values of VRs in which nothing is planted."""

REPLACED: Final = frozenset({0x00401101, 0x04000500, 0x00880200, 0xFFFAFFFA, 0x0040A043, 0x0040A730})
"""Sequences that every object gets anew."""

STRUCTURED: Final = "1.2.840.10008.5.1.4.1.1.88."
DOCUMENT: Final = "1.2.840.10008.5.1.4.1.1.104.1"
CREATOR: Final = "TWIN PRIVATE 01"
_PIXELS: Final = {
    0x00280002: ("US", 1), 0x00280004: ("CS", "MONOCHROME2"), 0x00280010: ("US", 8), 0x00280011: ("US", 8),
    0x00280100: ("US", 8), 0x00280101: ("US", 8), 0x00280102: ("US", 7), 0x00280103: ("US", 0),
}  # fmt: skip
_WITHOUT_PIXELS: Final = ("9.", "11.", "66.5", "88.", "104.", "130", "481.3", "481.5", "481.8")
_MODALITIES: Final = {
    "1": "CR", "1.1": "DX", "1.2": "MG", "2": "CT", "2.1": "CT", "4": "MR", "4.1": "MR", "6.1": "US", "3.1": "US",
    "20": "NM", "128": "PT", "66.4": "SEG", "481.3": "RTSTRUCT", "481.5": "RTPLAN", "481.2": "RTDOSE",
}  # fmt: skip


def _put(dataset: "Dataset", tag: int, vr: str, value: object) -> None:
    from workbench.synthetic.twin import put  # noqa: PLC0415 (the two modules know each other)

    put(dataset, tag, vr, value)


def placed(dataset: "Dataset", spot: "Spot") -> int | None:
    """Return the tag of a private element in the block of its creator, None when there is no room for the block."""
    group = spot.tag >> 16
    try:
        block = dataset.private_block(group, spot.creator, create=True)
        return int(block.get_tag(spot.tag & 0xFF))
    except (KeyError, ValueError):
        return None


def complete(dataset: "Dataset", shape: "Shape") -> None:
    """Give an object what it needs to be one: class, modality, character set, pixels, the root of a report."""
    from workbench.synthetic.twin_shape import STORAGE  # noqa: PLC0415 (the two modules know each other)

    ending = shape.sop_class.removeprefix(STORAGE)
    _put(dataset, 0x00080005, "CS", "ISO_IR 192")
    _put(dataset, 0x00080016, "UI", shape.sop_class)
    _put(dataset, 0x00080060, "CS", "SR" if ending.startswith("88.") else _MODALITIES.get(ending, "OT"))
    if shape.has_pixels or not ending.startswith(_WITHOUT_PIXELS):
        for tag, (vr, value) in _PIXELS.items():
            _put(dataset, tag, vr, value)
        _put(dataset, 0x7FE00010, "OB", bytes(range(64)))
        for tag in (0x00280008, 0x00280006, 0x7FE00001, 0x7FE00002, 0x7FE00008, 0x7FE00009):
            if tag in dataset:
                del dataset[tag]
    elif 0x7FE00010 in dataset:
        del dataset[0x7FE00010]


def plant_everywhere(planting: "Planting", dataset: "Dataset") -> None:
    """Plant in private and unknown attributes, overlays, wrong VRs, and in documents or reports."""
    planting.forget(REPLACED)
    _private(planting, dataset)
    _unknown(planting, dataset)
    _overlays(planting, dataset)
    _wrong(planting, dataset)
    _binaries(planting, dataset)
    if planting.shape.sop_class.startswith(STRUCTURED):
        _report(planting, dataset)
    if planting.shape.sop_class == DOCUMENT:
        _document(planting, dataset)


def _private(planting: "Planting", dataset: "Dataset") -> None:
    from workbench.synthetic.twin import Place  # noqa: PLC0415 (see above)

    forger, note = planting.forger, planting.note
    name = forger.word()
    creator = note(Place.PRIVATE, Forged(Identity.NAME, name, (name,)), (0x00450010,))
    _put(dataset, 0x00450010, "LO", creator)
    _put(dataset, 0x00451001, "LO", note(Place.PRIVATE, forger.any("LO"), (0x00451001,)))
    _put(dataset, 0x00470010, "LO", CREATOR)
    for element, vr in enumerate(("LO", "LT", "PN", "DA", "UI", "OB", "AE", "UT", "DS"), 0x1001):
        tag = 0x00470000 | element
        if vr == "PN":
            value: object = note(Place.PRIVATE, forger.person(), (tag,))
        elif vr == "DA":
            value = note(Place.PRIVATE, forger.dated("DA", 3), (tag,))
        elif vr == "UI":
            value = note(Place.PRIVATE, forger.uid(), (tag,))
        elif vr == "OB":
            text = note(Place.PRIVATE, forger.any("LO"), (tag,)).encode("utf-16-le")
            value = text
        else:
            value = note(Place.PRIVATE, forger.any("SH"), (tag,))
        _put(dataset, tag, vr, value)
    from pydicom.dataset import Dataset  # noqa: PLC0415 (pydicom is loaded only when a twin is made)
    from pydicom.sequence import Sequence  # noqa: PLC0415

    item = Dataset()
    _put(item, 0x00100010, "PN", note(Place.PRIVATE, forger.person(), (0x00471020, 0, 0x00100010)))
    _put(item, 0x00081030, "LO", note(Place.PRIVATE, forger.any("LO"), (0x00471020, 0, 0x00081030)))
    _put(dataset, 0x00471020, "SQ", Sequence([item]))


def _implicit(tag: int, text: str) -> bytes:
    """Return one sequence item that holds one element, in implicit VR."""
    value = text.encode() + b" " * (len(text.encode()) % 2)
    inner = struct.pack("<HHI", tag >> 16, tag & 0xFFFF, len(value)) + value
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(inner)) + inner


def _unknown(planting: "Planting", dataset: "Dataset") -> None:
    from workbench.synthetic.twin import Place  # noqa: PLC0415 (see above)

    forger, note = planting.forger, planting.note
    even = forger.any("LO")
    text = note(Place.UNKNOWN, even, (0x00189999,)).encode()
    _put(dataset, 0x00189999, "UN", text + b" " * (len(text) % 2))
    _put(dataset, 0x001A0010, "LO", note(Place.UNKNOWN, forger.any("LO"), (0x001A0010,)))
    for tag, inner, place in ((0x00401101, 0x00100010, Place.UNKNOWN_VR), (0x00471021, 0x00100010, Place.UNKNOWN_VR)):
        person = note(place, forger.person(), (tag, 0, inner))
        _put(dataset, tag, "UN", _implicit(inner, person))
    plain = note(Place.UNKNOWN_VR, forger.any("LO"), (0x00081048,)).encode()
    _put(dataset, 0x00081048, "UN", plain + b" " * (len(plain) % 2))


def _overlays(planting: "Planting", dataset: "Dataset") -> None:
    from workbench.synthetic.twin import Place  # noqa: PLC0415 (see above)

    for tag, vr in ((0x60000022, "LO"), (0x60001500, "LO"), (0x60004000, "LT"), (0x50000022, "LO"), (0x50002500, "LO")):
        _put(dataset, tag, vr, planting.note(Place.OVERLAY, planting.forger.any("LO"), (tag,)))


def _wrong(planting: "Planting", dataset: "Dataset") -> None:
    """Plant text where a number, a date or a code should be: values of a wrong form are as good a hiding place."""
    from workbench.synthetic.twin import Place  # noqa: PLC0415 (see above)

    for tag, vr in ((0x00181041, "DS"), (0x00200013, "IS"), (0x00080022, "DA"), (0x00080032, "TM"), (0x00180015, "CS")):
        word = planting.forger.word()
        text = planting.note(Place.WRONG_VR, Forged(Identity.NAME, word[:16].upper(), (word[:16],)), (tag,))
        _put(dataset, tag, vr, text)


def _binaries(planting: "Planting", dataset: "Dataset") -> None:
    from pydicom.dataset import Dataset  # noqa: PLC0415 (see above)
    from pydicom.sequence import Sequence  # noqa: PLC0415

    from workbench.synthetic.twin import Place  # noqa: PLC0415 (see above)

    def blob(path: tuple[int, ...]) -> bytes:
        text = planting.note(Place.DOCUMENT, planting.forger.any("LO"), path).encode()
        return text + b"\0" * (len(text) % 2)

    profile = bytearray(128)
    profile[36:40] = b"acsp"
    _put(dataset, 0x00282000, "OB", bytes(profile) + blob((0x00282000,)))
    signature = Dataset()
    _put(signature, 0x04000115, "OB", blob((0xFFFAFFFA, 0, 0x04000115)))
    _put(dataset, 0xFFFAFFFA, "SQ", Sequence([signature]))
    encrypted = Dataset()
    _put(encrypted, 0x04000520, "OB", blob((0x04000500, 0, 0x04000520)))
    _put(dataset, 0x04000500, "SQ", Sequence([encrypted]))
    icon = Dataset()
    for tag, (vr, value) in _PIXELS.items():
        _put(icon, tag, vr, value)
    _put(icon, 0x7FE00010, "OB", (blob((0x00880200, 0, 0x7FE00010)) + bytes(64))[:64])
    _put(dataset, 0x00880200, "SQ", Sequence([icon]))


def _code(value: str, scheme: str, meaning: str) -> "Dataset":
    from pydicom.dataset import Dataset  # noqa: PLC0415 (see above)

    item = Dataset()
    for tag, vr, text in ((0x00080100, "SH", value), (0x00080102, "SH", scheme), (0x00080104, "LO", meaning)):
        _put(item, tag, vr, text)
    return item


def _report(planting: "Planting", dataset: "Dataset") -> None:
    """Make the object a report whose items say who somebody is, each in the way of its value type."""
    from pydicom.dataset import Dataset  # noqa: PLC0415 (see above)
    from pydicom.sequence import Sequence  # noqa: PLC0415

    from workbench.synthetic.twin import CLINICAL, Place  # noqa: PLC0415 (see above)

    forger, note, content = planting.forger, planting.note, 0x0040A730
    for tag, vr, value in (
        (0x0040A040, "CS", "CONTAINER"),
        (0x0040A050, "CS", "SEPARATE"),
        (0x0040A491, "CS", "COMPLETE"),
        (0x0040A493, "CS", "UNVERIFIED"),
        (0x00080023, "DA", "20240102"),
        (0x00080033, "TM", "101112"),
    ):
        _put(dataset, tag, vr, value)
    _put(dataset, 0x0040A043, "SQ", Sequence([_code("18748-4", "LN", "Diagnostic Imaging Report")]))
    items = []
    for number, (kind, tag, vr) in enumerate(
        (
            ("TEXT", 0x0040A160, "UT"), ("PNAME", 0x0040A123, "PN"), ("UIDREF", 0x0040A124, "UI"),
            ("DATE", 0x0040A121, "DA"), ("CODE", MEANING_PATH, "LO"), ("TEXT", 0x0040A160, "UT"),
        )
    ):  # fmt: skip
        item = Dataset()
        concept = _code("121071", "DCM", "Finding") if number < 5 else _code("121022", "DCM", "Accession Number")
        _put(item, 0x0040A010, "CS", "CONTAINS")
        _put(item, 0x0040A040, "CS", kind)
        _put(item, 0x0040A043, "SQ", Sequence([concept]))
        path: tuple[int, ...] = (content, number, tag)
        clinical = ""
        if kind == "PNAME":
            forged = forger.person()
        elif kind == "UIDREF":
            forged = forger.uid()
        elif kind == "DATE":
            forged = forger.dated("DA", 5)
        else:
            forged, clinical = forger.any("SH"), CLINICAL[number]
        if kind == "CODE":
            path = (content, number, 0x0040A168, 0, 0x00080104)
            text = note(Place.CONTENT, forged, path, clinical)
            _put(item, 0x0040A168, "SQ", Sequence([_code("1", "99TWIN", f"{clinical} {text}")]))
        else:
            text = note(Place.CONTENT, forged, path, clinical)
            _put(item, tag, vr, f"{clinical} {text}".strip())
        items.append(item)
    _put(dataset, content, "SQ", Sequence(items))


MEANING_PATH: Final = 0x00080104


def _document(planting: "Planting", dataset: "Dataset") -> None:
    from workbench.synthetic.twin import Place  # noqa: PLC0415 (see above)

    text = planting.note(Place.DOCUMENT, planting.forger.any("LO"), (0x00420011,))
    content = f"%PDF-1.4\n1 0 obj\n({text}) Tj\nendobj\n%%EOF\n".encode()
    _put(dataset, 0x00420012, "LO", "application/pdf")
    _put(dataset, 0x00420011, "OB", content + b"\0" * (len(content) % 2))


KANJI: Final = (("崎岡", "瑠璃子"), ("黒潮", "栞奈"), ("鷲巣", "碧海"))


def _characters(planting: "Planting", dataset: "Dataset") -> str:
    """Plant a name of three writings; return the character set that it is to be written in."""
    from workbench.synthetic.twin import Place  # noqa: PLC0415 (see above)

    charset = ("ISO_IR 192", "ISO 2022 IR 87", "GB18030")[planting.number % 3]
    family, given = KANJI[planting.number % len(KANJI)]
    note = planting.note
    for tag, vr, text in (
        (0x00101001, "PN", f"{family}^{given}"),
        (0x00104000, "LT", f"CHEST {family}{given}"),
        (0x00204000, "LT", f"{family} CHEST"),
    ):
        note(Place.CHARACTERS, Forged(Identity.NAME, text, (family,)), (tag,))
        _put(dataset, tag, vr, text)
    return charset


def whole_file(planting: "Planting", dataset: "Dataset") -> bytes:
    """Return the file: preamble, meta information, data set, frames and what lies behind, all of them planted."""
    from pydicom.dataset import FileMetaDataset  # noqa: PLC0415 (see above)
    from pydicom.uid import UID  # noqa: PLC0415

    from workbench.synthetic.twin import Place  # noqa: PLC0415 (see above)

    forger, note = planting.forger, planting.note
    charset = _characters(planting, dataset)
    _put(dataset, 0x00080005, "CS", ["", charset] if "2022" in charset else charset)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.ImplementationClassUID = UID(note(Place.META, forger.uid(), ()))
    for tag in (0x00020013, 0x00020016, 0x00020017, 0x00020018):
        word = forger.word()[:16]
        _put(meta, tag, "SH" if tag == 0x00020013 else "AE", note(Place.META, Forged(Identity.CODE, word, (word,))))
    meta.TransferSyntaxUID = UID(_frames(planting, dataset))
    dataset.file_meta = meta
    dataset.preamble = (note(Place.PREAMBLE, forger.any("LO")).encode() + bytes(128))[:128]
    trailing = note(Place.TRAILING, forger.any("LO")).encode()
    trailing += b"\0" * (len(trailing) % 2)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.save_as(buffer, enforce_file_format=True)
    tail = struct.pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, len(trailing)) + trailing
    return buffer.getvalue() + tail


def _frames(planting: "Planting", dataset: "Dataset") -> str:
    """Code the pixels of every other image as JPEG with a comment; return the transfer syntax."""
    from workbench.synthetic.twin import Place  # noqa: PLC0415 (see above)

    if 0x7FE00010 not in dataset or planting.number % 2:
        return "1.2.840.10008.1.2.1"
    import numpy as np  # noqa: PLC0415 (few objects come here)
    from PIL import Image  # noqa: PLC0415
    from pydicom.encaps import encapsulate  # noqa: PLC0415

    coded = io.BytesIO()
    Image.fromarray(np.frombuffer(dataset.PixelData, "u1").reshape(8, 8)).save(coded, "JPEG")
    frame = coded.getvalue()
    comment = planting.note(Place.FRAME, planting.forger.any("LO"), (0x7FE00010,)).encode()
    frame = frame[:2] + b"\xff\xfe" + struct.pack(">H", 2 + len(comment)) + comment + frame[2:]
    _put(dataset, 0x7FE00010, "OB", encapsulate([frame]))
    dataset["PixelData"].is_undefined_length = True
    return "1.2.840.10008.1.2.4.50"

"""Cases about what lies around and beside the values: groups, pixels, frames, syntaxes, damaged files."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np
import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from tests.cases.build import image, item, mark, sequence, uid, written
from tests.cases.case import ANY, REFUSED, Case, Maker
from workbench.profiles import Plan


def p10() -> Case:
    ds = image(10)
    icon = item(SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", Rows=4, Columns=8)
    icon.BitsAllocated, icon.BitsStored, icon.HighBit, icon.PixelRepresentation = 8, 8, 7, 0
    icon.add_new(0x7FE00010, "OB", (mark(10).encode() + bytes(32))[:32])
    ds.IconImageSequence = [icon]
    return Case(10, "icon", {"a": written(ds)}, (mark(10),))


def overlay(ds: Dataset, group: int = 0x6000, *, bits: int = 1, position: int = 0) -> None:
    """Add the attributes of an overlay of 8 x 8."""
    for element, vr, value in (
        (0x10, "US", 8),
        (0x11, "US", 8),
        (0x40, "CS", "G"),
        (0x50, "SS", [1, 1]),
        (0x100, "US", bits),
        (0x102, "US", position),
    ):
        ds.add_new(group << 16 | element, vr, value)


def p11() -> Case:
    ds = image(11)
    overlay(ds)
    ds.add_new(0x60000022, "LO", mark(11))
    ds.add_new(0x60001500, "LO", mark(11, "b"))
    ds.add_new(0x60003000, "OW", bytes(8))
    ds.add_new(0x60004000, "LT", mark(11, "c"))
    return Case(11, "overlay description, label, comment", {"a": written(ds)}, tuple(mark(11, x) for x in "abc"))


def p12() -> Case:
    ds = image(12)
    overlay(ds, 0x6002, bits=16, position=12)
    plain = [value % 7 for value in range(64)]
    pixels = struct.pack("<64H", *[0x1000 | value for value in plain])
    ds.PixelData = pixels

    def expect(out: Dataset, _plan: Plan) -> None:
        assert out.PixelData == struct.pack("<64H", *plain)

    return Case(12, "overlay in unused bits of the pixels", {"a": written(ds)}, (pixels,), expect=expect)


def p13() -> Case:
    ds = image(13)
    certificate = mark(13).encode() + b"\0" * (len(mark(13)) % 2)
    ds.add_new(0xFFFAFFFA, "SQ", sequence(item(CertificateOfSigner=certificate, DigitalSignatureUID=uid(13, 8))))
    return Case(13, "digital signature", {"a": written(ds)}, (mark(13), uid(13, 8)))


def p14() -> Case:
    ds = image(14)
    ds.preamble = (mark(14).encode() + bytes(128))[:128]
    return Case(14, "preamble", {"a": written(ds)}, (mark(14),))


def p15() -> Case:
    ds = image(15)
    meta = ds.file_meta
    meta.SourceApplicationEntityTitle, meta.ImplementationVersionName = mark(15), mark(15, "b")
    meta.PrivateInformationCreatorUID = UID(uid(15, 8))
    meta.PrivateInformation = mark(15, "c").encode() + b"\0" * (len(mark(15)) % 2)
    meta.add_new(0x00020017, "AE", mark(15, "d"))
    planted = (*(mark(15, letter) for letter in "abcd"), uid(15, 8), uid(15, 1))
    return Case(15, "file meta information", {"a": written(ds)}, planted[:-1])


def p16() -> Case:
    text = mark(16).encode() + b"\0" * (len(mark(16)) % 2)
    trailing = struct.pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, len(text)) + text
    return Case(16, "trailing padding", {"a": written(image(16)) + trailing}, (mark(16),))


def p17() -> Case:
    data = written(image(17)) + mark(17).encode()
    return Case(17, "bytes behind the data set", {"a": data}, (mark(17),), outcomes=ANY)


def p18() -> Case:
    ds = image(18)
    ds.add_new(0x50000005, "US", 1)
    ds.add_new(0x50000022, "LO", mark(18))
    ds.add_new(0x50002500, "LO", mark(18, "b"))
    return Case(18, "curve labels", {"a": written(ds)}, (mark(18), mark(18, "b")))


def p31() -> Case:
    ds = image(31, syntax=DeflatedExplicitVRLittleEndian)
    ds.PatientComments, ds.ImageComments = mark(31), mark(31, "b")
    return Case(31, "deflated syntax", {"a": written(ds)}, (mark(31), mark(31, "b")), expect=_pixels_of(ds))


def p32() -> Case:
    ds = image(32, syntax=ExplicitVRBigEndian)
    little = ds.PixelData
    ds.PatientComments, ds.ImageComments = mark(32), mark(32, "b")
    ds.PixelData = np.frombuffer(little, "<u2").astype(">u2").tobytes()
    ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian

    def expect(out: Dataset, _plan: Plan) -> None:
        assert out.PixelData == little

    return Case(32, "big endian", {"a": written(ds)}, (mark(32), mark(32, "b")), expect=expect)


def _pixels_of(ds: Dataset):
    before = ds.PixelData

    def expect(out: Dataset, _plan: Plan) -> None:
        assert out.PixelData == before

    return expect


def p34() -> Case:
    ds = image(34)
    ds.PatientName = mark(34)
    data = written(ds)
    return Case(34, "no preamble and no meta", {"a": data[data.index(b"\x08\0\x08\0CS") :]}, (mark(34),))


def _sample(number: int, name: str) -> Dataset:
    """Return a sample file under a patient, study and instance of its own."""
    path = get_testdata_file(name)
    assert isinstance(path, str)
    ds = pydicom.dcmread(path)
    ds.PatientName, ds.PatientID = f"{mark(number, 'y')}^Probe", f"{mark(number, 'z')}7731"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(uid(number, 1))
    ds.StudyInstanceUID, ds.SeriesInstanceUID = uid(number, 2), uid(number, 3)
    return ds


def _same_samples(before: Dataset):
    expected = before.pixel_array

    def expect(out: Dataset, _plan: Plan) -> None:
        assert np.array_equal(out.pixel_array, expected)

    return expect


def p35() -> Case:
    ds = _sample(35, "SC_rgb_jpeg_dcmtk.dcm")
    expect = _same_samples(ds)
    (frame,) = generate_frames(ds.PixelData, number_of_frames=1)
    comment, exif = mark(35).encode(), b"Exif\0\0II*\0" + mark(35, "b").encode()
    segments = b"\xff\xfe" + struct.pack(">H", 2 + len(comment)) + comment
    segments = b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif + segments
    ds.PixelData = encapsulate([frame[:2] + segments + frame[2:]])
    return Case(35, "JPEG comment and EXIF", {"a": written(ds)}, (mark(35), mark(35, "b")), expect=expect)


def p36() -> Case:
    ds = _sample(36, "JPEG2000.dcm")
    expect = _same_samples(ds)
    (frame,) = generate_frames(ds.PixelData, number_of_frames=1)
    at = frame.index(b"\xff\x52")
    comment = b"\xff\x64" + struct.pack(">HH", 4 + len(mark(36)), 1) + mark(36).encode()
    ds.PixelData = encapsulate([frame[:at] + comment + frame[at:]])
    ds["PixelData"].is_undefined_length = True
    return Case(36, "JPEG 2000 comment", {"a": written(ds)}, (mark(36),), expect=expect)


def p40() -> Case:
    ds = image(40)
    ds.add_new(0x00290010, "LO", mark(40))
    ds.add_new(0x00291010, "LO", "value")
    return Case(40, "name as private creator", {"a": written(ds)}, (mark(40),))


def p42() -> Case:
    ds = image(42)
    profile = bytearray(200)
    profile[36:40] = b"acsp"
    text = b"desc" + mark(42).encode()
    ds.ICCProfile = bytes(profile) + text + b"\0" * (len(text) % 2)
    return Case(42, "text in a colour profile", {"a": written(ds)}, (mark(42),))


def p54() -> Case:
    """Basic and extended offset table point at the frames, also after comments were cut."""
    ds = _sample(54, "SC_rgb_jpeg_dcmtk.dcm")
    (frame,) = generate_frames(ds.PixelData, number_of_frames=1)
    longer = frame[:2] + b"\xff\xfe" + struct.pack(">H", 2 + len(mark(54))) + mark(54).encode() + frame[2:]
    expected = ds.pixel_array
    ds.NumberOfFrames = "3"
    ds.PixelData, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = encapsulate_extended([longer, frame, longer])
    ds["PixelData"].is_undefined_length = True
    other = _sample(54, "SC_rgb_jpeg_dcmtk.dcm")
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = UID(uid(54, 1, 1))
    other.NumberOfFrames = "2"
    other.PixelData = encapsulate([longer, frame], has_bot=True)
    other["PixelData"].is_undefined_length = True

    def expect(out: Dataset, _plan: Plan) -> None:
        for index in range(3):
            tables = (out.ExtendedOffsetTable, out.ExtendedOffsetTableLengths)
            offset, length = (struct.unpack("<3Q", table)[index] for table in tables)
            first = 8  # the item of the empty basic table
            kept = out.PixelData[first + offset + 8 : first + offset + 8 + length]
            assert kept.startswith(b"\xff\xd8")
            assert kept.rstrip(b"\0").endswith(b"\xff\xd9")
        assert np.array_equal(out.pixel_array, np.stack([expected] * 3))

    return Case(54, "offset tables", {"a": written(ds), "b": written(other)}, (mark(54),), expect=expect)


def p55() -> Case:
    """Odd lengths, undefined lengths, and padding between items."""
    ds = image(55)
    ds.RequestAttributesSequence = [item(ScheduledProcedureStepID=mark(55)), item(RequestedProcedureID=mark(55, "b"))]
    ds["RequestAttributesSequence"].is_undefined_length = True
    for entry in ds.RequestAttributesSequence:
        entry.is_undefined_length_sequence_item = True
    content = implicit_undefined(mark(55, "c"))
    at = written(ds).index(b"\x28\0\x02\0US")
    data = written(ds)
    unknown = struct.pack("<HH2sHI", 0x0021, 0x1010, b"UN", 0, 0xFFFFFFFF) + content
    odd = mark(55, "d").encode() + b"x" * (1 - len(mark(55)) % 2)
    comment = struct.pack("<HH2sH", 0x0020, 0x4000, b"LT", len(odd)) + odd
    files = {"a": data[:at] + comment + unknown + data[at:]}
    return Case(55, "odd and undefined lengths", files, tuple(mark(55, x) for x in "abcd"), outcomes=ANY)


def implicit_undefined(text: str) -> bytes:
    """Return one item of undefined length in implicit VR, and the end of its sequence."""
    value = text.encode() + b" " * (len(text) % 2)
    inner = struct.pack("<HHI", 0x0010, 0x0010, len(value)) + value
    delimiter = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
    return struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + inner + delimiter + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def p57() -> Case:
    """User data in the frames of JPEG-LS, JPEG XL, HTJ2K, and in video."""
    ds = _sample(57, "MR_small_jpeg_ls_lossless.dcm")
    expect = _same_samples(ds)
    (frame,) = generate_frames(ds.PixelData, number_of_frames=1)
    comment = b"\xff\xfe" + struct.pack(">H", 2 + len(mark(57))) + mark(57).encode()
    ds.PixelData = encapsulate([frame[:2] + comment + frame[2:]])
    ds["PixelData"].is_undefined_length = True
    files = {"a": written(ds)}
    for number, (name, syntax, stream) in enumerate(_streams(), 1):
        other = image(57)
        other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = UID(uid(57, 1, number))
        other.StudyInstanceUID = uid(57, 2)
        other.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.4.102")  # pydicom does not have all of them
        other.PatientName, other.PatientID = ds.PatientName, ds.PatientID
        other.add_new(0x7FE00010, "OB", encapsulate([stream]))
        other["PixelData"].is_undefined_length = True
        files[name] = written(other).replace(b"1.2.840.10008.1.2.4.102", syntax.encode())
    return Case(
        57,
        "user data in coded frames",
        files,
        tuple(mark(57, x) for x in "abcd"),
        expect=expect,
        others=dict.fromkeys(("mpeg4", "hevc"), REFUSED) | {"jpeg-xl": ANY},
    )


def _streams() -> Iterator[tuple[str, str, bytes]]:
    box = b"udta" + mark(57, "b").encode()
    yield "mpeg4", "1.2.840.10008.1.2.4.102", struct.pack(">I", 4 + len(box)) + box
    yield "hevc", "1.2.840.10008.1.2.4.107", b"\0\0\0\1\x4e\x01\x05" + mark(57, "c").encode()
    yield "jpeg-xl", "1.2.840.10008.1.2.4.110", b"\0\0\0\x0cJXL \r\n\x87\n" + mark(57, "d").encode()


def p60() -> Case:
    ds = image(60)
    block = ds.private_block(0x0029, "PHANTOM 1", create=True)
    block.add_new(0x10, "OB", "Kurosawa 黒沢".encode("utf-16-le"))
    block.add_new(0x11, "OB", "黒沢明子".encode("gb18030", "ignore") + b"\0" * 2)
    block.add_new(0x12, "OB", "黒沢明".encode("euc_jp"))
    return Case(60, "text of other encodings in private OB", {"a": written(ds)}, ("Kurosawa", "黒沢"))


def p67() -> Case:
    """Regions of an ultrasound image stay, and its pixels are not touched while pixels are off."""
    ds = image(67, sop_class="1.2.840.10008.5.1.4.1.1.6.1", modality="US")
    region = item(RegionLocationMinX0=0, RegionLocationMinY0=2, RegionLocationMaxX1=7, RegionLocationMaxY1=7)
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.01
    ds.SequenceOfUltrasoundRegions = [region]
    before = ds.PixelData

    def expect(out: Dataset, _plan: Plan) -> None:
        assert out.PixelData == before
        assert out.SequenceOfUltrasoundRegions[0].PhysicalDeltaX == 0.01
        assert out.get("BurnedInAnnotation") != "NO"

    return Case(67, "ultrasound regions", {"a": written(ds)}, (), expect=expect)


def p68() -> Case:
    """Photometric interpretations and bit depths come out as they went in: nothing is blanked by a wrong value."""
    files = {}
    for number, (photometric, allocated, stored, signed) in enumerate(
        (("MONOCHROME1", 16, 12, 0), ("MONOCHROME2", 16, 12, 1), ("MONOCHROME2", 8, 8, 0), ("MONOCHROME2", 1, 1, 0))
    ):
        ds = image(68)
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(uid(68, 1, number))
        ds.PhotometricInterpretation, ds.BitsAllocated, ds.BitsStored = photometric, allocated, stored
        ds.HighBit, ds.PixelRepresentation = stored - 1, signed
        ds.PixelData = ds.PixelData[: 64 * allocated // 8]
        files[str(number)] = written(ds)
    first = image(68).PixelData

    def expect(out: Dataset, _plan: Plan) -> None:
        assert out.PixelData == first

    return Case(68, "kinds of pixels", files, (), expect=expect)


def p78() -> Case:
    """Lengths beyond the file are refused; a deflated data set that grows a thousandfold does no harm."""
    data = written(image(78))
    at = data.index(b"\x10\0\x10\0PN")
    huge = data[:at] + struct.pack("<HH2sHI", 0x0010, 0x0010, b"UN", 0, 0xFFFFFFF0) + data[at + 8 :]
    bomb = image(78, syntax=DeflatedExplicitVRLittleEndian)
    bomb.SOPInstanceUID = bomb.file_meta.MediaStorageSOPInstanceUID = UID(uid(78, 1, 1))
    bomb.StudyInstanceUID = uid(78, 2)
    whole = written(bomb)
    start = 144 + struct.unpack("<I", whole[140:144])[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    inflated = zlib.decompressobj(-15).decompress(whole[start:])
    packed = packer.compress(inflated + struct.pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, 1 << 28))
    packed += b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    files = {"a": huge, "b": whole[:start] + packed}
    return Case(78, "huge lengths and a bomb", files, (), outcomes=REFUSED, others={"b": ANY})


def p80() -> Case:
    ds = image(80)
    ds.add_new(0x00080000, "UL", 4711)
    ds.add_new(0x00100000, "UL", 4712)

    def expect(out: Dataset, _plan: Plan) -> None:
        assert 0x00080000 not in out
        assert 0x00100000 not in out

    return Case(80, "stale group lengths", {"a": written(ds)}, (), expect=expect)


def p82() -> Case:
    """Lossy flags and the derivation are told as they were: pixels are not changed."""
    ds = image(82)
    ds.LossyImageCompression, ds.LossyImageCompressionRatio = "01", 12.5
    ds.LossyImageCompressionMethod = "ISO_10918_1"
    ds.DerivationDescription = f"lossy compression {mark(82)}"

    def expect(out: Dataset, plan: Plan) -> None:
        assert out.LossyImageCompression == "01"
        assert float(out.LossyImageCompressionRatio) == 12.5
        assert out.LossyImageCompressionMethod == "ISO_10918_1"
        assert "113101" not in [entry.CodeValue for entry in out.DeidentificationMethodCodeSequence]

    return Case(82, "lossy flags", {"a": written(ds)}, (mark(82),), expect=expect)


MAKERS: tuple[Maker, ...] = (
    p10, p11, p12, p13, p14, p15, p16, p17, p18, p31, p32, p34, p35, p36, p40, p42, p54, p55, p57, p60, p67, p68, p78,
    p80, p82,
)  # fmt: skip

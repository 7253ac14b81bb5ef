"""Stored values of an instance, frame by frame and band by band: memory is bound by one frame, a native one by rows.

Own logic, and pydicom's decoders: nothing here knows how `pixels` reads a frame (PS3.5 8, A.4, PS3.3 C.7.6.3).
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.verify.elements import PIXEL_DATA
from workbench.verify.reading import BIG_ENDIAN, Reading
from workbench.verify.source import CHUNK

if TYPE_CHECKING:
    from numpy.typing import NDArray

NATIVE = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"})
ENCAPSULATED_NATIVE = "1.2.840.10008.1.2.1.98"
JPEG_LOSSLESS = frozenset({"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"})
JPEG_WITH_LOSS = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})
_JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
_JP2 = b"\0\0\0\x0cjP"
OFFSETS, LENGTHS = 0x7FE00001, 0x7FE00002
_MOST_SAMPLES = 1 << 27
"""No frame of a modality has more; what claims to is damaged or hostile."""
_SLACK = 1 << 20
"""Bytes that a frame may take above twice those of its samples."""
_WIDTHS = {1: 1, 8: 1, 16: 2, 24: 4, 32: 4}
"""Bytes of a sample in memory, by Bits Allocated."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the header describes the samples."""

    rows: int
    columns: int
    frames: int
    samples: int
    allocated: int
    stored: int
    high: int
    signed: bool
    planar: bool
    photometric: str

    @property
    def paired(self) -> bool:
        """Whether two neighbours of a native row share their colour (PS3.3 C.7.6.3.1.2)."""
        return self.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") and self.samples == 3

    @property
    def frame_bits(self) -> int:
        """Bits of a native frame."""
        return self.rows * self.columns * (2 if self.paired else self.samples) * self.allocated

    @property
    def mask(self) -> int:
        """The stored bits of a sample. Bits come eight in a byte (PS3.5 8.1.1), so that one is all of them."""
        return 1 if self.allocated == 1 else ((1 << self.stored) - 1) << self.shift

    @property
    def shift(self) -> int:
        """Position of the lowest stored bit."""
        return self.high + 1 - self.stored


def shape_of(reading: Reading) -> Shape | None:
    """Return the description of the samples, None when it does not add up or nobody could hold a frame."""
    number = reading.number
    frames = reading.text(0x00280008) or "1"
    allocated = number(0x00280100) or 0
    stored = number(0x00280101) or allocated
    high = number(0x00280102)
    shape = Shape(
        rows=number(0x00280010) or 0,
        columns=number(0x00280011) or 0,
        frames=int(frames) if frames.isascii() and frames.isdigit() and len(frames) < 9 else 0,
        samples=1 if number(0x00280002) is None else number(0x00280002) or 0,
        allocated=allocated,
        stored=stored,
        high=stored - 1 if high is None else high,
        signed=number(0x00280103) == 1,
        planar=number(0x00280006) == 1,
        photometric=reading.text(0x00280004).upper(),
    )
    bits = allocated in _WIDTHS and 0 < shape.stored <= shape.high + 1 <= allocated
    size = shape.rows * shape.columns * shape.samples
    odd = shape.paired and shape.columns % 2 and reading.syntax in NATIVE | {ENCAPSULATED_NATIVE}
    return shape if bits and 0 < size <= _MOST_SAMPLES and shape.frames > 0 and not odd else None


class Band(NamedTuple):
    """Rows of a frame: bit patterns, rows x columns x channels (x 4 where two neighbours share their colour).

    `row` and `channel` are the first ones; `photometric` is what the channels are once they are decoded.
    """

    row: int
    channel: int
    values: "NDArray[Any]"
    photometric: str


class StoredFrames:
    """The frames of one instance.

    Raises
    ------
    ValueError
        With a sentence, when the frames that are there are not those that the header describes.
    """

    def __init__(self, reading: Reading, shape: Shape) -> None:
        payload = reading.pixel_range()
        if payload is None:
            raise ValueError("There is no Pixel Data.")
        self.reading = reading
        self.shape = shape
        self.begin, self.length = payload
        self.encapsulated = reading.by_tag[PIXEL_DATA].length < 0
        if self.encapsulated == (reading.syntax in NATIVE):
            raise ValueError("Pixel Data are not in the form that the transfer syntax demands.")
        self.frames: list[list[tuple[int, int]]] = frames_of(reading, shape.frames) if self.encapsulated else []
        if not self.encapsulated and not 0 <= 8 * self.length - shape.frames * shape.frame_bits < max(
            16, shape.frame_bits
        ):
            raise ValueError("There are not as many frames as the header says.")

    def same_bytes(self, other: "StoredFrames", number: int) -> bool:
        """Tell whether a frame, counted from 0, is the same byte for byte and means the same; padding at its end aside.

        False is no statement: native frames that share a byte are not looked at.
        """
        if self.encapsulated and other.encapsulated:
            one, two = self.frames[number], other.frames[number]
            if self.reading.syntax != other.reading.syntax:
                return False
            if [length for _offset, length in one] != [length for _offset, length in two]:
                return self.encoded(number).rstrip(b"\0") == other.encoded(number).rstrip(b"\0")
        elif self.encapsulated or other.encapsulated or self.shape.frame_bits % 8 or self.turned != other.turned:
            return False
        else:
            size = self.shape.frame_bits // 8
            one, two = ([(each.begin + number * size, size)] for each in (self, other))
        return all(
            self.reading.data.read(a + at, min(CHUNK, length - at))
            == other.reading.data.read(b + at, min(CHUNK, length - at))
            for (a, length), (b, _length) in zip(one, two, strict=True)
            for at in range(0, length, CHUNK)
        )

    @property
    def turned(self) -> bool:
        """Whether samples stand in the file with their bytes the other way round."""
        return self.reading.syntax == BIG_ENDIAN

    def encoded(self, number: int) -> bytes:
        """Return an encapsulated frame as it is stored."""
        return b"".join(self.reading.data.read(*fragment) for fragment in self.frames[number])

    def bands(self, number: int) -> Iterator[Band]:
        """Yield a frame, counted from 0, in bands of rows; an encapsulated one is decoded and comes whole.

        Raises
        ------
        Exception
            Whatever a decoder raises on a damaged frame.
        """
        if not self.encapsulated:
            yield from self._native(number)
            return
        if sum(length for _offset, length in self.frames[number]) > _SLACK + self.shape.frame_bits // 4:
            raise ValueError("A frame takes more than twice the bytes of its samples: it is not read into memory.")
        if self.reading.syntax == ENCAPSULATED_NATIVE:
            yield from _bands_of(self.encoded(number), self.shape)
        else:
            yield decoded(self.reading, self.shape, self.encoded(number))

    def whole(self, number: int) -> "NDArray[Any]":
        """Return the bit patterns of a frame, counted from 0: rows x columns x samples.

        Raises
        ------
        Exception
            As `bands`.
        """
        import numpy as np  # noqa: PLC0415 - only where frames are compared

        shape = self.shape
        frame = np.empty((shape.rows, shape.columns, shape.samples), f"<u{_WIDTHS[shape.allocated]}")
        for row, channel, values, _photometric in self.bands(number):
            rows, columns, channels = values.shape
            if columns == shape.columns:
                frame[row : row + rows, :, channel : channel + channels] = values
            else:  # two neighbours share their colour
                frame[row : row + rows, 0::2, 0], frame[row : row + rows, 1::2, 0] = values[..., 0], values[..., 1]
                frame[row : row + rows, :, 1:] = np.repeat(values[..., 2:], 2, axis=1)
        return frame

    def _native(self, number: int) -> Iterator[Band]:
        shape = self.shape
        if shape.allocated == 1:
            yield from self._bits(number)
            return
        size = shape.allocated // 8
        row = shape.columns * size * (2 if shape.paired else 1 if shape.planar else shape.samples)
        start = self.begin + number * shape.frame_bits // 8
        for plane in range(shape.samples if shape.planar and not shape.paired else 1):
            first = start + plane * row * shape.rows
            count = max(1, CHUNK // row)
            for top in range(0, shape.rows, count):
                rows = min(count, shape.rows - top)
                data = little(self.reading, PIXEL_DATA, (first + top * row, rows * row), size)
                yield Band(top, plane, _samples(data, shape, rows), shape.photometric)

    def _bits(self, number: int) -> Iterator[Band]:
        """Yield a frame of one bit allocated; frames follow each other bit by bit (PS3.5 8.1.1)."""
        import numpy as np  # noqa: PLC0415 - only where frames are compared

        shape = self.shape
        count = max(1, CHUNK // shape.columns)
        for top in range(0, shape.rows, count):
            rows = min(count, shape.rows - top)
            first = number * shape.frame_bits + top * shape.columns
            begin = first // 16 * 2  # whole words, for a big endian file
            end = min(self.length, -(-(first + rows * shape.columns) // 16) * 2)
            data = little(self.reading, PIXEL_DATA, (self.begin + begin, end - begin), 1)
            bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
            first -= 8 * begin
            values = bits[first : first + rows * shape.columns].reshape(rows, shape.columns, 1)
            yield Band(top, 0, values, shape.photometric)


def little(reading: Reading, tag: int, span: tuple[int, int], unit: int) -> bytes:
    """Read samples of a payload (offset and length) as they stand in a little endian file."""
    import numpy as np  # noqa: PLC0415 - only where frames are compared

    if reading.syntax != BIG_ENDIAN:
        return reading.data.read(*span)
    payload = reading.by_tag[tag]
    if payload.vr == "OW":
        unit = max(unit, 2)  # words hold samples of a byte or less in pairs
    before = (span[0] - payload.offset) % unit
    data = reading.data.read(span[0] - before, -(-(before + span[1]) // unit) * unit)
    whole = len(data) // unit * unit
    turned = np.frombuffer(data[:whole], f">u{unit}").byteswap().tobytes() if unit in (1, 2, 4, 8) else data[:whole]
    return (turned + data[whole:])[before : before + span[1]]


def _samples(data: bytes, shape: Shape, rows: int) -> "NDArray[Any]":
    import numpy as np  # noqa: PLC0415 - only where frames are compared

    if shape.allocated == 24:
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, :3] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        flat: NDArray[Any] = wide.view("<u4").reshape(-1)
    else:
        flat = np.frombuffer(data, f"<u{shape.allocated // 8}")
    if shape.paired:
        return flat.reshape(rows, shape.columns // 2, 4)
    return flat.reshape(rows, shape.columns, 1 if shape.planar else shape.samples)


def _bands_of(frame: bytes, shape: Shape) -> Iterator[Band]:
    """Yield a native frame that came encapsulated (PS3.5 A.4.11)."""
    size = shape.frame_bits // 8
    planes = shape.samples if shape.planar and not shape.paired else 1
    if shape.allocated == 1 or len(frame) < size:
        raise ValueError(shape.allocated)
    for plane in range(planes):
        part = frame[size // planes * plane : size // planes * (plane + 1)]
        yield Band(0, plane, _samples(part, shape, shape.rows), shape.photometric)


def frames_of(reading: Reading, count: int) -> list[list[tuple[int, int]]]:
    """Return offset and length of the fragments of each encapsulated frame.

    By number where each frame has one fragment or there is one frame, else by the offset tables, else by what each code
    stream begins with.

    Raises
    ------
    ValueError
        With a sentence, when none of this tells the frames apart.
    """
    flat = reading.fragments
    found = [(flat[n], flat[n + 1]) for n in range(2, len(flat), 2) if flat[n + 1]]
    if len(found) == count:
        return [[fragment] for fragment in found]
    if count == 1 and found:
        return [found]
    for starts in (_by_table(reading, found), _by_extended_table(reading, found), _by_begin(reading, found)):
        if len(starts) == count and starts[0] == 0:
            return [found[one:two] for one, two in zip(starts, [*starts[1:], len(found)], strict=True)]
    raise ValueError("There are not as many frames as the header says.")


def _by_table(reading: Reading, found: list[tuple[int, int]]) -> list[int]:
    return _indexes(basic_offsets(reading), reading, found)


def _by_extended_table(reading: Reading, found: list[tuple[int, int]]) -> list[int]:
    return _indexes(eights(reading, OFFSETS), reading, found)


def _indexes(offsets: list[int], reading: Reading, found: list[tuple[int, int]]) -> list[int]:
    """Return the index of the fragment at each offset; none when one leads between fragments."""
    base = first_item(reading)
    at = [offset - 8 - base for offset, _length in found]
    indexes = [bisect_left(at, offset) for offset in offsets]
    if any(index >= len(at) or at[index] != offset for index, offset in zip(indexes, offsets, strict=True)):
        return []
    return indexes if indexes == sorted(set(indexes)) else []


def _by_begin(reading: Reading, found: list[tuple[int, int]]) -> list[int]:
    heads = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")
    return [n for n, (offset, _length) in enumerate(found) if reading.data.read(offset, 4).startswith(heads)]


def first_item(reading: Reading) -> int:
    """Return where the item of the first fragment begins: offsets count from there (PS3.5 A.4)."""
    return reading.fragments[0] + reading.fragments[1] if reading.fragments else 0


def basic_offsets(reading: Reading) -> list[int]:
    """Return the Basic Offset Table; empty when it is, or is none."""
    if not reading.fragments or reading.fragments[1] % 4:
        return []
    raw = reading.data.read(reading.fragments[0], reading.fragments[1])
    return [int.from_bytes(raw[n : n + 4], "little") for n in range(0, len(raw), 4)]


def eights(reading: Reading, tag: int) -> list[int]:
    """Return the numbers of 64 bits of an offset table; empty when there are none."""
    element = reading.by_tag.get(tag)
    if element is None or element.items is not None or element.length % 8:
        return []
    raw = element.value if element.value is not None else reading.data.read(element.offset, element.length)
    return [int.from_bytes(raw[n : n + 8], "little") for n in range(0, len(raw), 8)]


def decoded(reading: Reading, shape: Shape, frame: bytes) -> Band:
    """Decode one encapsulated frame with pydicom, without any conversion of colours.

    JPEG without loss and JPEG of 12 bits, for which pydicom has a decoder only under the GPL, are decoded by codecs
    that redaction does not use.

    Raises
    ------
    Exception
        Whatever the decoder raises.
    """
    import numpy as np  # noqa: PLC0415 - only where frames are compared

    size = (shape.rows, shape.columns, shape.samples)
    kind = np.dtype(f"<u{_WIDTHS[shape.allocated]}")
    photometric = shape.photometric
    if reading.syntax in JPEG_LOSSLESS or (reading.syntax == _JPEG_EXTENDED and shape.stored > 8):
        array = _jpeg(frame, reading.syntax)
        photometric = "RGB" if shape.samples == 3 and reading.syntax == _JPEG_EXTENDED else photometric
    else:
        array, photometric = _by_pydicom(reading.syntax, shape, frame)
    if array.shape not in (size, size[:2] if shape.samples == 1 else size):
        raise ValueError(shape.samples)
    return Band(0, 0, array.reshape(size).astype(kind, copy=False), photometric)


def _jpeg(frame: bytes, syntax: str) -> "NDArray[Any]":
    import imagecodecs  # noqa: PLC0415 - large, and only for what pydicom cannot decode

    decode = imagecodecs.jpegsof3_decode if syntax in JPEG_LOSSLESS else imagecodecs.jpeg8_decode
    found: NDArray[Any] = decode(frame)
    return found


def _by_pydicom(syntax: str, shape: Shape, frame: bytes) -> "tuple[NDArray[Any], str]":
    if frame.startswith(_JP2):
        raise ValueError(syntax)  # no form of PS3.5 A.4.4; pydicom steps for ever through a damaged one
    from pydicom.encaps import encapsulate  # noqa: PLC0415 - only where frames are compared
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415 - as above
    from pydicom.uid import UID  # noqa: PLC0415 - as above

    options: dict[str, Any] = {
        "transfer_syntax_uid": UID(syntax),
        "rows": shape.rows,
        "columns": shape.columns,
        "samples_per_pixel": shape.samples,
        "photometric_interpretation": shape.photometric,
        "bits_allocated": shape.allocated,
        "bits_stored": shape.stored,
        "pixel_representation": int(shape.signed),
        "number_of_frames": 1,
        "pixel_keyword": "PixelData",
        "pixel_vr": "OB",
        "correct_unused_bits": False,
    }
    if shape.samples > 1:
        options["planar_configuration"] = int(shape.planar)
    array, described = get_decoder(UID(syntax)).as_array(encapsulate([frame], has_bot=False), raw=True, **options)
    unsigned = array.view(f"<u{array.dtype.itemsize}") if array.dtype.kind == "i" else array
    adobe = syntax in JPEG_WITH_LOSS and _has_adobe_segment(frame)
    return unsigned, "RGB" if adobe and shape.samples == 3 else str(described["photometric_interpretation"])


def _has_adobe_segment(frame: bytes) -> bool:
    """Whether a JPEG frame says itself how its colours are coded; Pillow then converts them to RGB."""
    at = frame.find(b"\xff\xee")
    return 0 < at < frame.find(b"\xff\xda") and frame[at + 4 : at + 9] == b"Adobe"

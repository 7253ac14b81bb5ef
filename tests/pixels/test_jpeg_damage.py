import imagecodecs
import numpy as np
import pytest

from tests.pixels.images import layout, picture
from tests.pixels.jpegs import jpeg, scans
from tests.pixels.test_codecs import JPEG, jpeg_lossless
from workbench.pixels.jpeg_markers import segments
from workbench.records.errors import InstanceRefused

COLOUR = layout(101, 151, "YBR_FULL_422")
KINDS = {
    "baseline": (f"{JPEG}50", COLOUR, jpeg(picture(101, 151, 3))),
    "progressive": (f"{JPEG}50", COLOUR, jpeg(picture(101, 151, 3), progressive=True)),
    "arithmetic": (f"{JPEG}50", COLOUR, jpeg(picture(101, 151, 3), arithmetic=True)),
    "separate scans": (f"{JPEG}50", COLOUR, jpeg(picture(101, 151, 3), script=scans([0], [1], [2]))),
    "grey": (f"{JPEG}50", layout(101, 151), jpeg(picture(101, 151))),
    "twelve bits": (
        f"{JPEG}51",
        layout(101, 151, stored=12, allocated=16),
        bytes(imagecodecs.jpeg8_encode(picture(101, 151, bits=12), level=90, bitspersample=12)),
    ),
    **{
        f"lossless {bits}": (
            f"{JPEG}70",
            layout(101, 151, stored=bits),
            jpeg_lossless(picture(101, 151, bits=bits), layout(101, 151, stored=bits), 1),
        )
        for bits in (2, 8, 12, 16)
    },
    "lossless colour": (
        f"{JPEG}57",
        layout(101, 151, "RGB"),
        jpeg_lossless(picture(101, 151, 3), layout(101, 151, "RGB"), 5),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_frame_is_decoded(worker, kind):
    syntax, of, frame = KINDS[kind]
    assert worker.decode(frame, syntax, of).shape[:2] == (101, 151)


@pytest.mark.parametrize(
    ("damage", "kind"),
    [(damage, kind) for damage in ("missing", "overwritten") for kind in KINDS if kind != "arithmetic"
     if damage == "missing" or "lossless" not in kind],
)  # fmt: skip
def test_a_frame_of_which_a_decoder_makes_noise_is_refused_by_name(worker, kind, damage):
    """Mostly: some damage gives a frame like any other, to every decoder, and arithmetic code always does."""
    syntax, of, frame = KINDS[kind]
    *_before, (_marker, _start, behind) = segments(frame)
    refused = 0
    for seed in range(6):
        data = bytearray(frame)
        at = behind + (len(frame) - behind) * (seed + 1) // 8
        noise = np.random.default_rng(seed).bytes(24).replace(b"\xff", b"\x7f")
        if damage == "missing":
            del data[at : at + 200]
        else:
            data[at : at + 24] = noise
        try:
            worker.decode(bytes(data), syntax, of)
        except InstanceRefused as refusal:
            refused += 1
            code = refusal.code
            assert code == "frame-damaged"
    assert refused >= 3

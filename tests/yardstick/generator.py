"""The planted set: patients with visits of several kinds, and the answer key of every instance."""

import warnings
from collections.abc import Iterator
from pathlib import Path

from pydicom.dataset import Dataset

from tests.yardstick.answers import Answer
from tests.yardstick.draw import Draw
from tests.yardstick.modes import Mode
from tests.yardstick.objects import KINDS, make
from tests.yardstick.people import patient

PATIENTS = 14
"""With one instance of each kind for each patient, over 360 instances."""


def write_set(folder: Path, mode: Mode, seed: int, *, patients: int = PATIENTS) -> list[Answer]:
    """Write a planted set and return its key. The same seed gives the same files in every mode."""
    answers = []
    for answer, data_set, name in _instances(mode, seed, patients):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data_set.save_as(path, enforce_file_format=True)
        answers.append(answer)
    return answers


def _instances(mode: Mode, seed: int, patients: int) -> Iterator[tuple[Answer, Dataset, str]]:
    for number in range(patients):
        who = patient(Draw(seed * 1000 + number), number)
        for position, kind in enumerate(KINDS):
            draw = Draw(seed * 1_000_000 + number * 1000 + position)
            visit = position % 3
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                data_set, answer = make(mode, draw, who, kind, visit, 0)
            yield answer, data_set, f"{number:03d}/{answer.file}"

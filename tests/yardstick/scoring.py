"""The scorer: an answer key against a folder of outputs, without any part of the product.

Rules: `tag_retained` the attribute is there; `text_notnull` and not empty; `text_retained` every word of the text is in
the value; `text_removed` none is; `date_shifted` and `uid_changed` the old value is not part of the new one (removal
passes); `uid_consistent` and `patid_consistent` the value is the one of the crosswalk; `pixels_retained` the digest of
Pixel Data is equal. An instance without output passes what removes and fails what retains.

The strict mode looks besides at every byte and every decoded value of the output for the words of persons, places and
numbers, wherever they stood.
"""

import csv
import hashlib
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

from tests.yardstick.answers import REMOVING, Action, Answer, Check, Step

STOP_WORDS = frozenset(
    "a an and are as at be but by for from had has have he her his i in is it its me my no not of on or our she so "  # noqa: SIM905
    "that the their them they this to was we were with you your".split()
)
WEIGHTS = {"HIPAA": 70, "DICOM": 20, "TCIA": 10}
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*", re.UNICODE)


@dataclass(slots=True)
class Score:
    """Checks passed and made, by category and by action, and what failed."""

    passed: Counter[tuple[str, str]] = field(default_factory=Counter)
    made: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[tuple[str, Check, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    leaks: dict[str, set[str]] = field(default_factory=dict)
    files: int = 0

    @property
    def rate(self) -> float:
        """Return the share of checks that passed, each counted once."""
        return sum(self.passed.values()) / max(1, sum(self.made.values()))

    @property
    def weighted(self) -> float:
        """Return the share by 70, 20 and 10 parts of HIPAA, DICOM and best practice."""
        parts = {group: self.of(group) for group in WEIGHTS}
        present = {group: (passed, made) for group, (passed, made) in parts.items() if made}
        whole = sum(WEIGHTS[group] for group in present)
        return sum(WEIGHTS[group] * passed / made for group, (passed, made) in present.items()) / whole

    def of(self, group: str) -> tuple[int, int]:
        """Return the checks passed and made of a category, or of an action."""
        keys = [key for key in self.made if key[0].startswith(group) or key[1] == group]
        return sum(self.passed[key] for key in keys), sum(self.made[key] for key in keys)


def words(text: str) -> list[str]:
    """Return the words of a text that count, in lower case."""
    return [word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]


def folded(text: str) -> str:
    """Return a text in lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def read_crosswalk(path: Path) -> dict[str, str]:
    """Return old to new, for UIDs and Patient IDs."""
    with path.open(encoding="utf-8", newline="") as stream:
        return {row[0].strip(): row[1].strip() for row in csv.reader(stream) if len(row) == 2}


def value_at(dataset: Dataset, path: Iterable[Step]) -> object | None:
    """Return the value at a path, None when there is none."""
    here: Dataset = dataset
    value: object | None = None
    for step in path:
        tag = step.tag
        if step.creator:
            try:
                tag = here.private_block(step.tag >> 16, step.creator).get_tag(step.tag & 0xFF)
            except KeyError:
                return None
        if tag not in here:
            return None
        element = here[tag]
        if step.item is None:
            value = element.value
            return "" if value is None else value
        if element.VR != "SQ" or len(element.value) <= step.item:
            return None
        here = element.value[step.item]
    return value


def as_text(value: object) -> str:
    """Return a value as one text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (list, tuple)) or (hasattr(value, "__iter__") and not isinstance(value, str)):
        return "\\".join(str(entry) for entry in value)
    return str(value)


def passes(  # noqa: PLR0911 (one return for each kind of check)
    check: Check, dataset: Dataset | None, answer: Answer, walk: Mapping[str, str]
) -> bool:
    """Tell whether a check holds; `dataset` is None when the instance has no output."""
    if dataset is None:
        return check.action in REMOVING
    if check.action is Action.PIXELS_RETAINED:
        return hashlib.sha256(dataset.get("PixelData", b"")).hexdigest() == answer.pixels
    found = value_at(dataset, check.path)
    text = "" if found is None else as_text(found)
    if check.action is Action.TAG_RETAINED:
        return found is not None
    if check.action is Action.TEXT_NOTNULL:
        return bool(text.strip()) or (not isinstance(found, str) and bool(found))
    if check.action is Action.TEXT_RETAINED:
        return all(word in text.lower() for word in words(check.text))
    if check.action is Action.TEXT_REMOVED:
        return not any(word in text.lower() for word in words(check.text))
    if check.action in {Action.DATE_SHIFTED, Action.UID_CHANGED}:
        return check.text not in text
    return text == walk.get(check.text)


def score(answers: Iterable[Answer], out: Path, crosswalk: Path) -> Score:
    """Score the outputs below `out`."""
    walk = read_crosswalk(crosswalk)
    result = Score()
    paths: dict[str, Path] = {}
    for path in sorted(out.rglob("*.dcm")):
        paths[str(pydicom.dcmread(path, specific_tags=["SOPInstanceUID"]).SOPInstanceUID)] = path
    for answer in answers:
        result.files += 1
        path_of = paths.get(walk.get(answer.uids[2], ""))
        dataset = None
        if path_of is None:
            result.missing.append(answer.file)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                dataset = pydicom.dcmread(path_of)
                dataset.walk(lambda _dataset, _element: None)
                found = leaked(answer, dataset, path_of.read_bytes())
            if found:
                result.leaks[answer.file] = found
        for check in answer.checks:
            key = (check.category, check.action.value)
            result.made[key] += 1
            if passes(check, dataset, answer, walk):
                result.passed[key] += 1
            else:
                value = None if dataset is None or not check.path else value_at(dataset, check.path)
                result.failures.append((answer.file, check, "" if value is None else as_text(value)[:120]))
    return result


def leaked(answer: Answer, dataset: Dataset, data: bytes) -> set[str]:
    """Return the identities of an instance that stand in its output, as words of its values or in its bytes."""
    texts, numbers = [], []
    for element in dataset.iterall():
        if element.VR == "SQ" or element.value is None:
            continue
        if isinstance(element.value, bytes):
            if len(element.value) < 4096:
                texts += [element.value.decode(name, "replace") for name in ("latin-1", "utf-16-le")]
            continue
        texts.append(as_text(element.value))
        if element.VR != "UI":  # so long a number has any short one in it by chance
            numbers.append(texts[-1])
    joined = "\n".join(texts)
    there = set(words(joined)) | {folded(word) for word in words(joined)}
    digits = "\n".join(re.sub(r"\D", "", text) for text in numbers if len(text) < 512)
    upper = data.upper()
    found = set()
    for identity in answer.identity:
        parts = words(identity)
        spelled = identity.upper().encode()
        number = re.sub(r"\D", "", identity)
        as_words = bool(parts) and all(part in there or folded(part) in there for part in parts)
        as_bytes = len(identity) >= (9 if identity.isdigit() else 5) and spelled in upper
        as_number = len(number) >= 7 and number in digits
        if (as_words and len("".join(parts)) >= 3) or as_bytes or as_number:
            found.add(identity)
    for date in answer.dates:
        if date.encode() in data or date in digits:
            found.add(date)
    return found

"""Values put into an instance together with what is to become of them."""

import hashlib
from dataclasses import dataclass

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from tests.yardstick.answers import Action, Answer, Check, Step
from tests.yardstick.invented import OWN_WORDS
from tests.yardstick.modes import Mode
from tests.yardstick.people import Text
from tests.yardstick.scoring import words

OF_THE_LANGUAGE = frozenset(word.lower() for word in OWN_WORDS)
"""Names that are words: at their place they must go, elsewhere they may be a word."""

ORDINARY = 4
"""Words shorter than this are looked for at their place only: elsewhere they may be anything."""


@dataclass(slots=True)
class Planting:
    """Writes into one data set and notes the checks. `mode` decides which apply."""

    mode: Mode
    ds: Dataset
    answer: Answer

    def _check(self, path: tuple[Step, ...], action: Action, text: str, category: str) -> None:
        self.answer.checks.append(Check(path, action, text, category))

    def at(self, keyword: str, into: tuple[Step, ...] = ()) -> tuple[Step, ...]:
        """Return the path of an attribute, at the top or in the item that `into` leads to."""
        tag = tag_for_keyword(keyword)
        if tag is None:
            raise KeyError(keyword)
        return (*into, Step(tag))

    def _item(self, into: tuple[Step, ...]) -> Dataset:
        here = self.ds
        for step in into:
            if step.tag not in here:
                here.add_new(step.tag, "SQ", [])
            while len(here[step.tag].value) <= (step.item or 0):
                here[step.tag].value.append(Dataset())
            here = here[step.tag].value[step.item or 0]
        return here

    def put(self, keyword: str, value: object, into: tuple[Step, ...] = ()) -> tuple[Step, ...]:
        """Set an attribute without a check; return its path."""
        setattr(self._item(into), keyword, value)
        return self.at(keyword, into)

    def into(self, keyword: str, number: int = 0, under: tuple[Step, ...] = ()) -> tuple[Step, ...]:
        """Return the way into an item of a sequence."""
        tag = tag_for_keyword(keyword)
        if tag is None:
            raise KeyError(keyword)
        return (*under, Step(tag, item=number))

    def identity(self, keyword: str, value: str, letter: str, into: tuple[Step, ...] = (), gone: str = "") -> None:
        """Plant a direct identifier: it goes in every mode."""
        path = self.put(keyword, value, into)
        self._gone(path, gone or value, letter)

    def _gone(self, path: tuple[Step, ...], text: str, letter: str) -> None:
        self._check(path, Action.TEXT_REMOVED, text, f"HIPAA-{letter}")
        if letter == "C":
            return
        if letter in "AB":
            self.answer.identity.update(
                word for word in words(text) if len(word) >= ORDINARY and word not in OF_THE_LANGUAGE
            )
        elif len(text) > ORDINARY:
            self.answer.identity.add(text)

    def device(self, keyword: str, value: str, into: tuple[Step, ...] = ()) -> None:
        """Plant a value of the device: it stays where the profile retains devices."""
        path = self.put(keyword, value, into)
        if self.mode.device:
            self._check(path, Action.TEXT_RETAINED, value, "TCIA-P15-DEV-K")
        else:
            self._gone(path, value, "M")

    def date(self, keyword: str, value: str, into: tuple[Step, ...] = (), *, birth: bool = False) -> None:
        """Plant a date or date-time; a birth date is never longitudinal."""
        path = self.put(keyword, value, into)
        if self.mode.dates == "full" and not birth:
            self._check(path, Action.TEXT_RETAINED, value, "TCIA-P15-MOD-C")
            return
        self._check(path, Action.DATE_SHIFTED, value[:8], "HIPAA-C")
        if not value.startswith("0101", 4):
            self.answer.dates.add(value[:8])
        if self.mode.dates == "shift" and not birth:
            self._check(path, Action.TEXT_NOTNULL, "", "TCIA-P15-MOD-C")

    def uid(self, keyword: str, value: str, into: tuple[Step, ...] = (), *, consistent: bool = True) -> None:
        """Plant a UID that is to be remapped."""
        path = self.put(keyword, value, into)
        self._check(path, Action.UID_CHANGED, value, "HIPAA-R")
        self.answer.identity.add(value)
        if consistent:
            self._check(path, Action.UID_CONSISTENT, value, "DICOM-P15-BASIC-U")

    def text(
        self, keyword: str, text: Text, into: tuple[Step, ...] = (), *, keeps: bool | None = None, gone: bool = True
    ) -> None:
        """Plant a free text: identities go always; the clinical words stay where the profile cleans such texts."""
        path = self.put(keyword, text.text, into)
        self.told(path, text, keeps=self.mode.clean_descriptors if keeps is None else keeps, gone=gone)

    def told(self, path: tuple[Step, ...], text: Text, *, keeps: bool, gone: bool = True) -> None:
        """Note the checks of a free text that was put at a path."""
        for value, letter in text.removed if gone else ():
            self._gone(path, value, letter)
        if keeps:
            self._check(path, Action.TEXT_RETAINED, text.clinical, "TCIA-P15-DESC-C")

    def characteristic(self, keyword: str, value: str) -> None:
        """Plant sex, age, size or weight."""
        path = self.put(keyword, value)
        if self.mode.characteristics:
            self._check(path, Action.TEXT_RETAINED, value, "TCIA-P15-PAT-K")

    def technical(self, keyword: str, value: object, into: tuple[Step, ...] = ()) -> None:
        """Plant a value that speaks of the image only and stays in every mode."""
        path = self.put(keyword, value, into)
        text = "\\".join(map(str, value)) if isinstance(value, list) else str(value)
        self._check(path, Action.TEXT_RETAINED, text.replace("\\", " "), "DICOM-IOD")

    def required(self, keyword: str, type_: int, into: tuple[Step, ...] = ()) -> None:
        """Demand of an attribute that is there what its type says: there, and for type 1 not empty."""
        action = Action.TEXT_NOTNULL if type_ == 1 else Action.TAG_RETAINED
        self._check(self.at(keyword, into), action, "", f"DICOM-IOD-{type_}")

    def private(
        self, tag: int, creator: str, vr: str, value: object, *, fate: str, into: tuple[Step, ...] = ()
    ) -> None:
        """Plant a private element. `fate`: `number` is listed as safe, `gone` is not, or a HIPAA letter."""
        block = self._item(into).private_block(tag >> 16, creator, create=True)
        block.add_new(tag & 0xFF, vr, value)
        path = (*into, Step(tag, creator))
        if fate == "number":
            if self.mode.private_numbers:
                self._check(path, Action.TAG_RETAINED, "", "TCIA-PRIV-KB")
            return
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        if fate == "gone":
            self._check(path, Action.TEXT_REMOVED, text, "TCIA-PRIV-KB")
        elif fate == "C":
            self._check(path, Action.DATE_SHIFTED, text, "HIPAA-C")
            if self.mode.dates != "full":
                self.answer.dates.add(text[:8])
        elif fate == "uid":
            self._check(path, Action.UID_CHANGED, text, "HIPAA-R")
            self.answer.identity.add(text)
        else:
            self._gone(path, text, fate)

    def pixels(self, data: bytes) -> None:
        """Demand that the pixels stay as they are."""
        self.answer.pixels = hashlib.sha256(data).hexdigest()
        self._check((), Action.PIXELS_RETAINED, "", "TCIA-PIX-K")

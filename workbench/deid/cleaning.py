"""What the transform offers to those who clean a kind of content, and what it asks of them.

The transform calls, for an attribute whose rule is CLEAN (C) with the kind

``structured``
    `deid.structured_content.clean_content(place, items)`, for sequences (Content, Acquisition Context, Specimen
    Preparation, Waveform Annotation): the contents of the new items, or None when it can't be cleaned.
``graphics``
    `deid.graphics.clean_annotations(place, items)` for sequences and `deid.graphics.clean_value(place, vr, value)` for
    other elements (`value` is None when it was not loaded): the new items or value bytes, or None.

None means that the rule's fallback is carried out: as little as the type allows. A hook may raise `InstanceRefused`.
It never sees a plan: what an ordinary element of an item becomes it asks of `Place.item`.
"""

from collections.abc import Mapping
from typing import Protocol

from workbench.dicom.elements import Element
from workbench.records.action import Action


class TextCleaning(Protocol):
    """Cleans texts of one instance, decoded with the character set that holds where they stand."""

    def clean(self, value: bytes, vr: bytes, path: tuple[int, ...], origin: str = "") -> bytes | None:
        """Return the cleaned value in the same character set, None when it can't be decoded.

        LO, SH and UC are cleaned value by value. Records the change (its rule is `origin` and the reasons) and the
        evidence. What remains may be empty.
        """


class Place(Protocol):
    """The element that a hook is asked about, and what it may ask in turn."""

    @property
    def buffer(self) -> bytes:
        """The bytes to which positions in elements refer."""

    @property
    def explicit(self) -> bool:
        """Whether the output is written with VRs."""

    @property
    def path(self) -> tuple[int, ...]:
        """Path of the element: it ends in its tag."""

    @property
    def origin(self) -> str:
        """Origin of the rule, for changes."""

    @property
    def options(self) -> frozenset[str]:
        """Options of the plan by name (CID 7050, `clean_descriptors`): rows for content items depend on them."""

    @property
    def text(self) -> TextCleaning | None:
        """The cleaner of texts; None when the plan cleans no text."""

    def within(self, index: int, tag: int) -> "Place":
        """Return the place of a sequence inside an item, for hooks that walk down themselves."""

    def item(
        self,
        elements: list[Element],
        index: int,
        *,
        given: Mapping[int, bytes] | None = None,
        hollow: bool = False,
    ) -> bytes:
        """Return the content of an item after the ordinary rules of the plan (which may come back to the hook).

        `given` are whole new elements by tag, which replace what the item holds; empty bytes leave the element out.
        With `hollow` no value stays that the plan would keep.
        """

    def date(self, vr: bytes, value: bytes) -> bytes | None:
        """Return a DA, TM or DT by the date mode of the plan; None when it may not stay."""

    def uid(self, value: bytes) -> bytes:
        """Return the UIDs of a value replaced one by one."""

    def record(
        self,
        path: tuple[int, ...],
        action: Action,
        before: bytes | None,
        after: bytes | None,
        origin: str = "",
    ) -> None:
        """Enter a change; without `origin` it is the rule's."""

"""What every kind of audit event has in common, and the register of kinds."""

from dataclasses import dataclass, fields
from functools import cache
from types import NoneType
from typing import Any, ClassVar, dataclass_transform, get_args, get_type_hints

from workbench.audit.canon import Plain
from workbench.audit.shapes import plain

KINDS: dict[str, type["Event"]] = {}
"""Every event class by its kind."""


class Event:
    """Base of all events. Made by the `event` decorator only."""

    __slots__ = ()
    kind: ClassVar[str]
    urgent: ClassVar[bool]

    def __post_init__(self) -> None:
        self.data()

    def data(self) -> dict[str, Plain]:
        """Return the fields as they stand in the entry, checked.

        Raises
        ------
        UsageError
            `event-refused` when a value does not have the shape that its field declares.
        """
        return {
            name: plain(hint, value, f"{name} of {self.kind}")
            for name, hint in shape_of(type(self)).items()
            if (value := getattr(self, name)) is not None or NoneType not in get_args(hint)
        }


def shape_of(cls: Any) -> dict[str, Any]:
    """Return the declared type of each field of an event class."""
    return _shape_of(cls)


@cache
def _shape_of(cls: Any) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in fields(cls)}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(kind: str, *, urgent: bool = False) -> Any:
    """Make a class an event of that kind and register it."""

    def register(cls: type[Event]) -> type[Event]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.kind, made.urgent = kind, urgent
        if kind in KINDS:
            raise ValueError(f"two events of kind {kind}")
        KINDS[kind] = made
        return made

    return register

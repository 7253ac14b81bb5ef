"""What is known of a person from elsewhere (other studies, linked patients), as values that the sceptic searches.

Only the values are taken over, as they were written; how else they may be written is the sceptic's own affair.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from workbench.records.known import KnownKind, KnownValue
from workbench.verify.generic import identifies, is_dummy_date
from workbench.verify.identity import Identity, Kind, Value
from workbench.verify.needles import normalise
from workbench.verify.ordinary import is_plain

_KINDS: Final = {
    KnownKind.PATIENT: Kind.NAME,
    KnownKind.PERSON: Kind.NAME,
    KnownKind.IDENTIFIER: Kind.IDENTIFIER,
    KnownKind.CONTACT: Kind.CONTACT,
    KnownKind.ADDRESS: Kind.ADDRESS,
    KnownKind.SITE: Kind.SITE,
    KnownKind.DEVICE: Kind.DEVICE,
    KnownKind.DATE: Kind.DATE,
}
_PLACES: Final = frozenset({Kind.SITE, Kind.DEVICE, Kind.ADDRESS})


def known_elsewhere(known: Iterable[KnownValue], here: Identity, *, dates: bool) -> frozenset[Value]:
    """Return values of other studies that may not stand in outputs of these inputs.

    Parameters
    ----------
    known
        Identifying values of the person's other studies and of the patients linked to them.
    here
        What the inputs say themselves. What they hold is judged by where it stands in them, and is left out here: a
        profile may retain it. So is a place or device whose name is a part of one that they hold.
    dates
        Whether days are searched too. Where days are moved, one of this study may come to lie on one of another.
    """
    own = {normalise(value.text) for value in here.values}
    places = [f" {normalise(value.text)} " for value in here.values if value.kind in _PLACES]
    return frozenset(
        value
        for value in _values(known, dates=dates)
        if (plain := normalise(value.text)) not in own
        and not (value.kind in _PLACES and any(f" {plain} " in place for place in places))
    )


def _values(known: Iterable[KnownValue], *, dates: bool) -> Iterator[Value]:
    for each in known:
        kind, text = _KINDS[each.kind], each.text.strip()
        if kind is Kind.DATE:
            if dates and not is_dummy_date(text[:8]):
                yield Value(kind, text[:8], b"", 0)
        elif kind is Kind.NAME or (identifies(text) and not (kind in _PLACES and is_plain(text))):
            yield Value(kind, text, b"", 0)

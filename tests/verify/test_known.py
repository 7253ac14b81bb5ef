"""What is known of a person from elsewhere becomes what the sceptic searches, but for what these inputs may keep."""

from workbench.records.known import KnownKind, KnownValue
from workbench.verify.identity import Identity, Kind, Value
from workbench.verify.known import known_elsewhere
from workbench.verify.needles import Needles

HERE = Identity(frozenset({Value(Kind.SITE, "Saint Nowhere General Hospital", b"", 0x00080080)}), frozenset())


def known(kind, text):
    return frozenset({KnownValue(kind, text)})


def test_every_kind_of_known_value_has_one_of_the_sceptic():
    for kind in KnownKind:
        text = "20200102" if kind is KnownKind.DATE else "Zywietz4711"
        assert len(known_elsewhere(known(kind, text), HERE, dates=True)) == 1


def test_a_maiden_name_is_found_in_the_spellings_of_the_sceptic():
    values = known_elsewhere(known(KnownKind.PATIENT, "Müller-Zywietz^Jane"), HERE, dates=False)
    needles = Needles(Identity(values, frozenset()), ())
    assert Kind.NAME in needles.in_text("OLD IMAGES OF MUELLER-ZYWIETZ")
    assert list(needles.in_bytes(b"..zywietz.."))


def test_what_these_inputs_hold_is_judged_where_it_stands():
    for kind, text in (
        (KnownKind.SITE, "SAINT NOWHERE GENERAL HOSPITAL"),
        (KnownKind.SITE, "Saint Nowhere"),
        (KnownKind.DATE, "20200102"),
        (KnownKind.IDENTIFIER, "CT"),
        (KnownKind.SITE, "LEFT BREAST"),
    ):
        assert known_elsewhere(known(kind, text), HERE, dates=False) == frozenset()
    assert known_elsewhere(known(KnownKind.PATIENT, "Nowhere^Jane"), HERE, dates=False)

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.pixels.device_regions import shipped_rules
from workbench.pixels.layout import Area
from workbench.pixels.learned_rules import Device, Learned
from workbench.pixels.region_rules import DeviceRule, Group, Test, meets
from workbench.pixels.region_scripts import read_ctp_script, read_recipe
from workbench.pixels.rule_export import to_ctp_script, to_recipe
from workbench.pixels.rule_files import FORMAT, condition_of, each_test, in_words, read_rules, write_rules
from workbench.records.errors import UsageError

MAKER, MODEL, ROWS, REGIONS = 0x00080070, 0x00081090, 0x00280010, 0x00186011
SIMPLE = {"name": "a", "source": "site", "when": {"test": "equals", "tag": "00080070", "value": "A"}}
PLAIN = SIMPLE | {"areas": [[0, 0, 9, 9]]}


def text_of(*rules, **more):
    return json.dumps({"format": FORMAT, "rules": list(rules)} | more)


def rule(when, *, name="one", areas=((0, 0, 9, 9),), outside=False):
    return DeviceRule(name, "site", when, tuple(Area(*area) for area in areas), outside)


def test_a_file_survives_being_read_and_written():
    rules = (rule(Test("contains", MAKER, "Ä “x”")), rule(Test("present", REGIONS), name="two", areas=(), outside=True))
    assert read_rules(write_rules(rules)) == rules
    assert read_rules(write_rules(())) == ()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": "other", "rules": []}', "[" * 100_000])
def test_what_is_no_rule_file_is_refused(text):
    with pytest.raises(UsageError) as refused:
        read_rules(text)
    assert refused.value.code == "rule-file-damaged"


def nested(depth):
    when = SIMPLE["when"]
    for _ in range(depth):
        when = {"not": [when]}
    return when


@pytest.mark.parametrize(
    "odd",
    [
        {"name": ""},
        {"name": "two\nlines"},
        {"name": "x" * 121},
        {"name": 5},
        {"areas": []},
        {"areas": [[0, 0, 9]]},
        {"areas": [[9, 0, 9, 9]]},
        {"areas": [[-1, 0, 9, 9]]},
        {"areas": [[0, 0, 1e3, 9]]},
        {"areas": [[0, 0, 10**9, 9]]},
        {"outside": "yes"},
        {"when": {}},
        {"when": {"all": []}},
        {"when": {"not": [SIMPLE["when"], SIMPLE["when"]]}},
        {"when": nested(40)},
        {"when": {"test": "sounds", "tag": "00080070", "value": "A"}},
        {"when": {"test": "matches", "tag": "00080070", "value": "("}},
        {"when": {"test": "equals", "tag": "00080070", "value": 5}},
        {"when": {"test": "equals", "tag": "xyz", "value": "A"}},
        {"when": {"test": "equals", "tag": "00100010", "value": "DOE^JANE"}},
        {"when": {"test": "equals", "tag": "00100020", "value": "4711"}},
        {"when": {"test": "equals", "tag": "00080050", "value": "4711"}},
        {"when": {"test": "equals", "tag": "00080090", "value": "X"}},
        {"when": {"test": "equals", "tag": "00080020", "value": "20260101"}},
        {"when": {"test": "equals", "tag": "0020000d", "value": "1.2"}},
    ],
)
def test_what_cannot_be_a_rule_of_a_site_is_refused_with_its_number(odd):
    with pytest.raises(UsageError) as refused:
        read_rules(text_of(PLAIN | {"name": "first"}, PLAIN | odd))
    assert refused.value.code == "rule-unfit"
    assert "Rule 2" in refused.value.message
    assert not any(value in refused.value.message for value in ("DOE", "4711"))


def test_names_are_unique():
    with pytest.raises(UsageError) as refused:
        read_rules(text_of(PLAIN, PLAIN))
    assert "same name" in refused.value.message


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda x: st.lists(x, max_size=3)))
def test_any_areas_and_conditions_end_in_rules_or_a_refusal(odd):
    for part in ({"areas": odd}, {"when": odd}, {"when": {"all": odd}}, {"name": odd}, {"areas": [odd]}):
        try:
            read_rules(text_of(PLAIN | part))
        except UsageError as refused:
            code = refused.code
            assert code == "rule-unfit"


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("Manufacturer contains ACME works", Test("contains", MAKER, "ACME works")),
        ("(0008,0070) equals A", Test("equals", MAKER, "A")),
        ("00280010 less 700", Test("less", ROWS, "700")),
        (" SequenceOfUltrasoundRegions present", Test("present", REGIONS)),
    ],
)
def test_a_condition_is_one_line(text, test):
    assert condition_of(text) == test


@pytest.mark.parametrize("text", ["", "Manufacturer", "NoSuchThing equals x", "Manufacturer sounds x"])
def test_a_line_that_is_no_condition_is_refused(text):
    with pytest.raises(UsageError):
        condition_of(text)


def test_a_condition_is_said_in_words():
    when = Group("all", (Test("equals", MAKER, "A"), Group("not", (Test("empty", MODEL),))))
    assert in_words(when) == "Manufacturer has the value “A” and (not (ManufacturerModelName is missing or empty))"


WHEN = Group(
    "all",
    (
        Test("equals", MAKER, "ACME"),
        Group("any", (Test("contains", MODEL, "X 1"), Test("contains", MODEL, "Y"))),
        Group("not", (Test("equals", ROWS, "480"),)),
    ),
)
HEADERS = [
    {MAKER: maker, MODEL: model, ROWS: rows}
    for maker in ("ACME", "acme", "B")
    for model in ("an x 1", "Y", "Z", "")
    for rows in ("480", "481")
]


@pytest.mark.parametrize(("write", "read"), [(to_ctp_script, read_ctp_script), (to_recipe, read_recipe)])
def test_an_exported_rule_means_the_same_when_it_is_read_again(write, read):
    exported = write([rule(WHEN, areas=((1, 2, 30, 40), (5, 6, 7, 8)))])
    assert exported.left_out == ()
    (again,) = read(exported.text).rules
    assert (again.name, again.areas) == ("one", (Area(1, 2, 30, 40), Area(5, 6, 7, 8)))
    assert [meets(header, again.when) for header in HEADERS] == [meets(header, WHEN) for header in HEADERS]


def test_the_shipped_rules_survive_an_export():
    """Rules that ask whether an attribute is missing are all that CTP has no word for."""
    ctp = to_ctp_script(shipped_rules())
    script = read_ctp_script(ctp.text)
    assert script.complete
    assert len(script.rules) + len(ctp.left_out) == len(shipped_rules())
    assert len(ctp.left_out) < 5
    deid = to_recipe(shipped_rules())
    assert len(read_recipe(deid.text).rules) + len(deid.left_out) == len(shipped_rules())
    assert len(deid.left_out) < 10


@pytest.mark.parametrize(
    ("write", "unsayable"),
    [
        (to_ctp_script, rule(Test("present", MAKER))),
        (to_ctp_script, rule(Test("equals", REGIONS, "1,2,3,4"))),
        (to_ctp_script, rule(Test("equals", MAKER, "}{"))),
        (to_ctp_script, rule(Test("present", REGIONS), areas=(), outside=True)),
        (to_recipe, rule(Test("equals", MAKER, "A", exact=True))),
        (to_recipe, rule(Test("less", ROWS, "5"))),
        (to_recipe, rule(Test("equals", MAKER, "A|B"))),
        (to_recipe, rule(Test("equals", 0x00091001, "A"))),
        (to_recipe, rule(Group("not", (Group("any", (Test("equals", MAKER, "A"),)),)))),
    ],
)
def test_what_a_language_has_no_word_for_is_left_out_with_the_reason(write, unsayable):
    exported = write([unsayable, rule(Test("equals", MAKER, "B"), name="good")])
    ((name, reason),) = exported.left_out
    assert name == "one"
    assert reason
    assert "good" in exported.text


@pytest.mark.parametrize(("write", "read"), [(to_ctp_script, read_ctp_script), (to_recipe, read_recipe)])
def test_a_learned_rule_without_ultrasound_regions_goes_to_others(write, read):
    device = Device("CT", "ACME", "One", "1.0", "512", "512", "")
    exported = write([Learned(device, (Area(0, 0, 9, 9),), 3, 4).rule()])
    assert exported.left_out == ()
    (again,) = read(exported.text).rules
    header = {0x00080060: "CT", MAKER: "ACME", MODEL: "One", 0x00181020: "1.0", ROWS: "512", 0x00280011: "512"}
    assert meets(header, again.when)
    assert not meets(header | {0x00181020: "1.1"}, again.when)


def test_all_tests_of_a_condition_are_found():
    assert {test.tag for test in each_test(WHEN)} == {MAKER, MODEL, ROWS}

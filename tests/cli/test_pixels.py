"""`workbench pixels rules`: in a file for folder mode, and in the home under two persons."""

import json

import pydicom
import pytest

from tests.flow.conftest import PASSWORD, Template, make_house, move_house, write_ct

PEOPLE = ("anna", "olga", "both", "vera")
ADD = ("pixels", "rules", "add", "Banner", "--when", "Manufacturer contains ge", "--when", "Rows is 128")
AREA = ("--area", "0,0,40,10")
CTP = """Banner
  { Manufacturer.containsIgnoreCase("ge") * Rows.equals("128") }
  (0,0,40,10)
Of a person
  { PatientID.equals("4711") }
  (0,0,40,10)
"""
RECIPE = "FORMAT dicom\n\n%filter graylist\n\nLABEL One\n  contains Manufacturer GE\n  coordinates 0,0,9,9\n"


@pytest.fixture(scope="session")
def staffed(tmp_path_factory):
    """Return a home with people in it."""
    root = tmp_path_factory.mktemp("staffed-rules")
    made = make_house(root)
    made.workbench.close()
    return Template(root, made.actors, made.clock.now)


@pytest.fixture
def at(run, tmp_path, staffed):
    """Run a command at a home of its own, as somebody."""
    made = move_house(staffed.root, tmp_path / "house", staffed.actors, staffed.now)
    made.workbench.close()
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps({name: {"password": PASSWORD} for name in PEOPLE}))
    credentials.chmod(0o600)

    def run_at(*arguments, who):
        return run([*arguments, "--home", made.made.home, "--as", who, "--credentials", credentials])

    return run_at


@pytest.fixture
def rules(tmp_path):
    return tmp_path / "rules.json"


def test_rules_of_a_file_are_added_shown_tried_and_removed(run, rules, tmp_path):
    assert run([*ADD, *AREA, "--rules", rules]).code == 0
    assert run([*ADD, *AREA, "--rules", rules]).error == "rule-unfit"  # the same name
    (found,) = run(["pixels", "rules", "list", "--rules", rules, "--json"]).document()["rules"]
    assert found["areas"] == [[0, 0, 40, 10]]
    assert found["condition"] == "Manufacturer contains “ge” and Rows is “128”"
    assert "40 x 10 pixels" in run(["pixels", "rules", "show", "Banner", "--rules", rules]).out
    folder = write_ct(tmp_path / "in", instances=2)
    tried = run(["pixels", "rules", "try", folder, "--rules", rules, "--json"])
    assert tried.document()["hit"] == ["0", "1"]
    assert "4711" not in tried.out + tried.err
    assert str(folder) not in tried.out
    assert run(["pixels", "rules", "remove", "Banner", "--rules", rules]).code == 0
    assert run(["pixels", "rules", "list", "--rules", rules, "--json"]).document() == {"rules": []}
    assert run(["pixels", "rules", "remove", "Banner", "--rules", rules]).error == "rule-unknown"


def test_a_rule_file_is_written_whole_or_not_at_all(run, rules):
    rules.write_text("not a file of rules")
    assert run([*ADD, *AREA, "--rules", rules]).error == "rule-file-damaged"
    assert rules.read_text() == "not a file of rules"
    assert [path.name for path in rules.parent.iterdir()] == ["rules.json"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*ADD, *AREA), "rules-where"),
        ((*ADD, "--area", "0,0,40", "--rules", "x.json"), "area-wrong"),
        ((*ADD, "--area", "0,0,0,9", "--rules", "x.json"), "rule-unfit"),
        ((*ADD, "--rules", "x.json"), "rule-unfit"),
        (("pixels", "rules", "add", "x", "--when", "PatientID is 4711", *AREA, "--rules", "x.json"), "rule-unfit"),
        (("pixels", "rules", "list", "--rules", "missing.json"), "rule-file-not-readable"),
        (("pixels", "rules", "show", "No such rule"), "rule-unknown"),
        (("pixels", "rules", "try"), "trial-where"),
    ],
)
def test_wrong_usage_is_told_and_nothing_is_written(run, tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    ran = run(arguments)
    assert (ran.code, ran.error) == (2, code)
    assert "4711" not in ran.err
    assert list(tmp_path.iterdir()) == []


def test_scripts_of_others_are_imported_and_each_line_is_told(run, rules, tmp_path):
    script = tmp_path / "ctp.script"
    script.write_text(CTP)
    imported = run(["pixels", "rules", "import", script, "--rules", rules, "--json"])
    assert imported.code == 1  # a line is not mapped
    document = imported.document()
    assert [rule["name"] for rule in document["rules"]] == ["Banner"]
    told = {(line["line"], line["status"]) for line in document["lines"]}
    assert told == {(2, "mapped"), (3, "mapped"), (5, "not mapped"), (6, "not mapped")}
    assert "never for a person" in document["lines"][-1]["reason"]
    recipe = tmp_path / "deid.recipe"
    recipe.write_text(RECIPE)
    assert run(["pixels", "rules", "import", recipe, "--format", "deid", "--rules", rules]).code == 0
    listed = run(["pixels", "rules", "list", "--rules", rules, "--json"]).document()["rules"]
    assert [rule["name"] for rule in listed] == ["Banner", "One"]


@pytest.mark.parametrize("language", ["ctp", "deid"])
def test_rules_go_to_others_and_come_back(run, rules, tmp_path, language):
    run([*ADD, *AREA, "--rules", rules])
    out, again = tmp_path / "out.script", tmp_path / "again.json"
    assert run(["pixels", "rules", "export", "--format", language, "--rules", rules, "--out", out]).code == 0
    assert run(["pixels", "rules", "export", "--rules", rules, "--out", out]).error == "exists"
    assert run(["pixels", "rules", "import", out, "--format", language, "--rules", again]).code == 0
    (found,) = run(["pixels", "rules", "list", "--rules", again, "--json"]).document()["rules"]
    assert (found["name"], found["areas"]) == ("Banner", [[0, 0, 40, 10]])


def test_what_a_language_cannot_say_is_named_and_the_exit_code_tells(run, rules):
    run([*ADD, *AREA, "--outside", "--rules", rules])
    exported = run(["pixels", "rules", "export", "--format", "ctp", "--rules", rules, "--json"])
    assert (exported.code, exported.document()["left_out"][0]["rule"]) == (1, "Banner")


def test_the_shipped_rules_are_listed_and_shown(run):
    listed = run(["pixels", "rules", "list", "--json"]).document()["rules"]
    assert len(listed) > 100
    assert run(["pixels", "rules", "show", listed[0]["name"]]).code == 0


def test_a_rule_of_the_home_needs_two_persons(at):
    assert at(*ADD, *AREA, who="both").code == 0
    (waits,) = at("pixels", "rules", "proposed", "--json", who="vera").document()["rules"]
    assert (waits["rule"], waits["state"], waits["proposed_by"]) == ("RL-000001", "proposed", "both")
    assert at("pixels", "rules", "approve", "RL-000001", who="both").error == "second-person-needed"
    assert at("pixels", "rules", "approve", "RL-000001", who="anna").error == "role-not-permitted"
    assert at("pixels", "rules", "approve", "RL-000001", "--json", who="olga").document()["decided_by"] == "olga"
    assert "Proposed by both, decided by olga." in at("pixels", "rules", "show", "RL-000001", who="vera").out
    assert at("pixels", "rules", "export", who="olga").code == 0
    gone = at("pixels", "rules", "withdraw", "RL-000001", "--reason", "scanner was replaced", "--json", who="olga")
    assert gone.document()["state"] == "withdrawn"
    assert at("pixels", "rules", "reject", "RL-000001", "--reason", "x", who="olga").error == "rule-decided"


def test_a_trial_in_the_home_tells_studies_by_number(at, tmp_path):
    at(*ADD, *AREA, who="anna")
    assert at("import", write_ct(tmp_path / "in", instances=1), who="anna").code == 0
    tried = at("pixels", "rules", "try", "--rule", "RL-000001", "--last", "5", "--json", who="anna")
    assert tried.document()["hit"] == ["WB-000001"]
    assert "4711" not in tried.out
    assert "1 of 1 studies" in at("pixels", "rules", "try", who="anna").out


def test_nothing_is_learned_from_nothing(at):
    assert at("pixels", "rules", "learn", "--json", who="anna").document() == {"rules": []}
    assert at("pixels", "rules", "learn", who="vera").error == "role-not-permitted"


def test_folder_mode_refuses_rules_that_would_not_be_applied(run, rules, tmp_path):
    run([*ADD, *AREA, "--rules", rules])
    folder = write_ct(tmp_path / "in", instances=1)
    ran = run(["deidentify", folder, tmp_path / "out", "--pixels", "off", "--pixel-rules", rules])
    assert ran.error == "pixel-rules-unused"
    assert not (tmp_path / "out").exists()


def test_folder_mode_blackens_what_a_rule_of_the_site_says(run, rules, tmp_path):
    """With the nets: there is no text in these images, so that all that is black is black by the rule."""
    run([*ADD, *AREA, "--rules", rules])
    folder, out, report = write_ct(tmp_path / "in", instances=1), tmp_path / "out", tmp_path / "report.json"
    ran = run(["deidentify", folder, out, "--pixels", "clean", "--pixel-rules", rules, "--report", report])
    assert ran.code == 0
    (path,) = out.rglob("*.dcm")
    before, after = (pydicom.dcmread(each).pixel_array for each in (folder / "0-0.dcm", path))
    assert (after[:10, :40] == after[0, 0]).all()
    changed = before != after
    changed[:10, :40] = False
    assert not changed.any()
    assert "“Banner” (site)" in report.read_text().replace("\\u201c", "“").replace("\\u201d", "”")

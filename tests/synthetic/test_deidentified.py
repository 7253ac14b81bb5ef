"""No planted text survives de-identification: searched in the bytes of the outputs, without any parser."""

import pytest

from tests.synthetic.test_studies import IN_PIXELS, spellings
from workbench.cli.main import main
from workbench.synthetic.studies import KINDS


@pytest.fixture(scope="module")
def outputs(demo_studies, tmp_path_factory):
    """The bytes of all files that folder mode wrote, and how many there are."""
    target = tmp_path_factory.mktemp("outputs") / "out"
    source = demo_studies[0].folder.parent
    assert main(["deidentify", str(source), str(target), "--profile", "basic", "--pixels", "off"]) == 0
    written = [path for path in sorted(target.rglob("*")) if path.is_file()]
    return len(written), b"\n".join(str(path.relative_to(target)).encode() + path.read_bytes() for path in written)


def test_every_instance_comes_out(demo_studies, outputs):
    assert outputs[0] == sum(study.instances for study in demo_studies)


@pytest.mark.parametrize("kind", KINDS)
def test_no_planted_text_is_left(demo_studies, outputs, kind):
    (study,) = [study for study in demo_studies if study.kind == kind]
    left = [
        place
        for place, text in study.planted.items()
        if not place.startswith(IN_PIXELS) and any(spelling in outputs[1] for spelling in spellings(text))
    ]
    assert not left


@pytest.mark.parametrize("kind", KINDS)
def test_no_family_name_and_no_number_of_the_patient_is_left(kind, demo_studies, outputs):
    (study,) = [study for study in demo_studies if study.kind == kind]
    groups = study.planted["patient name"].split("=")
    words = {group.split("^")[0] for group in groups}
    words |= {study.planted[place] for place in ("patient id", "other patient id", "accession number", "telephone")}
    for word in words:
        for spelling in {*spellings(word), *spellings(word.upper()), *spellings(word.lower())}:
            assert spelling not in outputs[1]

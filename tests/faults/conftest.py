"""The homes of the tests of `flow`, for those who attack them."""

from tests.flow import conftest, test_releasing

house, staffed, stocked, prepared = conftest.house, conftest.staffed, conftest.stocked, conftest.prepared
ready, reader = test_releasing.ready, test_releasing.reader

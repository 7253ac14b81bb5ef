"""Which messages of a browser get through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from workbench.api.sockets import Passage
from workbench.app.messages import judge


def message(**fields) -> bytes:
    return bytes(BackMsg(**fields).SerializeToString())


def rerun(*, by_itself: bool) -> bytes:
    back = BackMsg()
    back.rerun_script.page_name = "studies"
    back.rerun_script.is_auto_rerun = by_itself
    return bytes(back.SerializeToString())


def test_a_click_shows_that_somebody_is_there():
    assert judge(rerun(by_itself=False)) is Passage.HUMAN
    assert judge(rerun(by_itself=True)) is Passage.QUIET
    assert judge(message(app_heartbeat=True)) is Passage.QUIET


@pytest.mark.parametrize(
    "field", ["clear_cache", "set_run_on_save", "load_git_info", "debug_disconnect_websocket", "debug_shutdown_runtime"]
)
def test_orders_to_the_framework_are_dropped(field):
    assert judge(message(**{field: True})) is Passage.REFUSED


def test_installing_files_and_uploading_are_dropped():
    back = BackMsg()
    back.backend_operation_request.install_skills.SetInParent()
    assert judge(back.SerializeToString()) is Passage.REFUSED
    back = BackMsg()
    back.file_urls_request.request_id = "x"
    assert judge(back.SerializeToString()) is Passage.REFUSED


@given(st.binary(max_size=200))
def test_any_bytes_are_judged(data):
    assert judge(data) in Passage

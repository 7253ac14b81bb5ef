"""Which messages of a browser the server lets through, and which of them show that somebody is there."""

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # it ships none
from streamlit.proto.BackMsg_pb2 import BackMsg

from workbench.api.sockets import Passage

_QUIET = frozenset({"app_heartbeat", "stop_script"})


def judge(message: bytes) -> Passage:
    """Judge one websocket message.

    A rerun that a person caused is a sign of life; one that a page makes by itself is not. Clearing caches, changing
    server options, installing files, uploads and debugging have no place in the product and are dropped, as is what
    is not a message.
    """
    back = BackMsg()
    try:
        back.ParseFromString(message)
    except DecodeError:
        return Passage.REFUSED
    kind = back.WhichOneof("type")
    if kind == "rerun_script":
        return Passage.QUIET if back.rerun_script.is_auto_rerun else Passage.HUMAN
    return Passage.QUIET if kind in _QUIET else Passage.REFUSED

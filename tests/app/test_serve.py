"""Starting the server: refusals in words, and what the log may say."""

import logging
import socket
from types import SimpleNamespace
from typing import Any

import pytest

from tests.app.fakes import FakeDesk
from workbench.app import faults, frame, serve
from workbench.records.errors import UsageError


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - the point of the test
        ("192.168.1.5", False),
        ("workbench.example", False),
        ("", False),
    ],
)
def test_only_loopback_counts_as_local(host, local):
    assert serve.is_loopback(host) is local


def test_a_taken_port_is_said_in_words(monkeypatch, tmp_path):
    desk: Any = FakeDesk()
    desk.workbench = SimpleNamespace(clock=desk.clock)
    monkeypatch.setattr(frame, "desk_of", lambda _home: desk)
    monkeypatch.setattr(serve, "gated_app", lambda *_args, **_named: None)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError) as refused:
        serve.run(tmp_path, port=taken.getsockname()[1])
    assert refused.value.code == "address-taken"


def caught(kind: type[Exception]) -> Exception:
    with pytest.raises(kind) as told:
        raise kind("DOE^JANE")
    return told.value


def test_the_log_gets_the_kind_of_an_error_and_not_its_text():
    record = logging.LogRecord("streamlit", logging.ERROR, "x.py", 1, "Uncaught %s", ("DOE^JANE",), None)
    error = caught(ValueError)
    record.exc_info = (type(error), error, error.__traceback__)
    assert faults.WithoutTraceback().filter(record)
    assert logging.Formatter().format(record) == "streamlit: ValueError"


def test_an_incident_names_places_and_no_values(caplog):
    assert faults.on_script_error(caught(KeyError)) is True
    assert "DOE^JANE" not in caplog.text
    assert "KeyError" in caplog.text
    assert "test_serve.py" in caplog.text

"""The server does not start with options that the product cannot rely on."""

import pytest
from streamlit import config

from workbench.app import settings
from workbench.records.errors import UsageError

MUST = {
    "client.showErrorDetails": "none",
    "client.disableDataExport": True,
    "client.toolbarMode": "minimal",
    "browser.gatherUsageStats": False,
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.trustedUserHeaders": {"x-workbench-session": "session"},
    "global.developmentMode": False,
}


@pytest.fixture(autouse=True)
def _leave_as_it_was():
    yield
    config.get_config_options(force_reparse=True, options_from_flags={})


@pytest.mark.parametrize("name", MUST)
def test_what_safety_rests_on_is_pinned(name):
    settings.pin()
    assert config.get_option(name) == MUST[name]


def test_the_environment_does_not_win(monkeypatch):
    monkeypatch.setenv("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS", "full")
    monkeypatch.setenv("STREAMLIT_SERVER_ENABLE_AGENT_API", "true")
    settings.pin()
    assert config.get_option("client.showErrorDetails") == "none"
    assert config.get_option("server.enableAgentApi") is False


def test_a_file_beside_the_caller_does_not_win(monkeypatch, tmp_path):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text('[client]\nshowErrorDetails = "full"\n')
    monkeypatch.chdir(tmp_path)
    settings.pin()
    assert config.get_option("client.showErrorDetails") == "none"


def test_an_option_that_does_not_hold_stops_the_start():
    settings.pin()
    config.set_option("client.showErrorDetails", "full")
    with pytest.raises(UsageError) as refused:
        settings.check()
    assert refused.value.code == "framework-option"


def test_nothing_is_fetched_from_outside():
    for value in map(str, settings.pinned().values()):
        assert "://" not in value

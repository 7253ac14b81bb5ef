"""`workbench serve`: the app behind the gate, in one process."""

import ipaddress
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, cast

import streamlit as st
import uvicorn

from workbench.api.gate import Gate, GateSettings
from workbench.api.shell import Shell
from workbench.app import faults, frame, settings
from workbench.app.messages import judge
from workbench.records.errors import UsageError

if TYPE_CHECKING:
    from workbench.api.sessions import Sessions
    from workbench.api.wire import App
    from workbench.app.flow_desk import FlowDesk

MAIN = Path(__file__).with_name("main.py")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def gated_app(
    home: str, *, sessions: "Sessions", clock: Callable[[], datetime], gate: GateSettings | None = None
) -> Gate:
    """Return the whole server as one ASGI application: the framework's app behind the gate.

    Raises
    ------
    UsageError
        `framework-option` when the installed framework does not take our options, `framework-page` when its index
        page is not one that the gate can guard.
    """
    settings.pin()
    _quiet_logs()
    app = st.App(MAIN, secrets={"home": home}, on_script_error=faults.on_script_error)
    try:
        shell = Shell(files("streamlit").joinpath("static", "index.html").read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise UsageError(
            "framework-page",
            "The installed Streamlit is not the one that this product was built for.",
            "Reinstall with the versions of requirements.lock.",
        ) from error
    return Gate(cast("App", app), sessions=sessions, shell=shell, judge=judge, clock=clock, settings=gate)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    try:
        return host in LOOPBACK or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def run(home: Path, host: str = "127.0.0.1", port: int = 8501) -> None:
    """Serve the app of a home until interrupted.

    On the loopback address plain HTTP is served. On any other address passwords and cookies are taken over HTTPS only
    (a TLS proxy on this machine sets X-Forwarded-Proto; name proxies elsewhere in FORWARDED_ALLOW_IPS).

    Raises
    ------
    UsageError
        When there is no home, the framework's options do not hold, or the address cannot be used (`address-taken`).
    """
    place = str(home.expanduser().resolve())
    desk = cast("FlowDesk", frame.desk_of(place))
    local = is_loopback(host)
    gate = gated_app(
        place,
        sessions=desk.sessions,
        clock=desk.workbench.clock,
        gate=GateSettings(secure=not local, hosts=LOOPBACK | {host} if local else frozenset()),
    )
    config = uvicorn.Config(
        gate,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        date_header=False,
        log_level="warning",
        ws_max_size=4 * 1024 * 1024,
        timeout_graceful_shutdown=3,
    )
    with _listen(host, port) as listening, suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Take the address now, while a refusal can still be said in words."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise UsageError(
            "address-taken",
            "The server cannot listen at that address and port.",
            "Another program may be using it: choose another with --port, or stop that program.",
        ) from error


def _quiet_logs() -> None:
    """Keep exception texts, which may hold a patient's value, out of the log."""
    guard = faults.WithoutTraceback()
    for name in ("streamlit", "uvicorn.error", "asyncio"):
        for handler in logging.getLogger(name).handlers:
            handler.addFilter(guard)
    if logging.lastResort is not None:
        logging.lastResort.addFilter(guard)

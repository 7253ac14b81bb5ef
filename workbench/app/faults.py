"""What the user sees when something is refused or breaks, and what the server's log gets: never a value."""

import logging
import secrets
import traceback

import streamlit as st

from workbench.app.html import tag
from workbench.app.parts import note
from workbench.records.errors import WorkbenchError

_LOG = logging.getLogger("workbench.app")


def refusal(error: WorkbenchError) -> None:
    """Show an expected refusal: what, and what to do next."""
    st.html(tag("div", note(error.hint, "red", error.message), cls="wb"))


def incident(error: Exception) -> None:
    """Show that something broke, under a number that the log knows.

    The log gets the kind of the error and the places in our code that it came through. Not its message, and no
    values: both may hold what is in a patient's header.
    """
    number = secrets.token_hex(4).upper()
    places = [
        f"{frame.filename.rpartition('site-packages/')[2].rpartition('/workbench/')[2]}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)[-6:]
    ]
    _LOG.error("incident %s: %s at %s", number, type(error).__name__, " < ".join(reversed(places)))
    text = (
        "Nothing was changed by this. Reload the page; if it happens again, tell your administrator the number of "
        f"this incident: {number}."
    )
    st.html(tag("div", note(text, "red", "This page could not be shown."), cls="wb"))


def on_script_error(error: Exception) -> bool:
    """Take what escapes a page's own handling; True keeps the framework from showing anything."""
    incident(error)
    return True


class WithoutTraceback(logging.Filter):
    """Keeps exception texts and tracebacks of the framework out of the server's log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Reduce an exception to its kind."""
        if record.exc_info and record.exc_info[0] is not None:
            record.msg, record.args = f"{record.name}: {record.exc_info[0].__name__}", ()
            record.exc_info, record.exc_text = None, None
        return True

"""The options of the app's framework that the product relies on: applied over all others, and checked."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from streamlit import config
from streamlit.web import bootstrap

from workbench.records.errors import UsageError


def pinned() -> dict[str, Any]:
    """Return the pinned options by dotted name."""
    text = files("workbench.app").joinpath("streamlit.toml").read_text("utf-8")
    return _flat(tomllib.loads(text))


def pin(port: int | None = None) -> None:
    """Apply the pinned options over files, environment and defaults, then check that they hold.

    Raises
    ------
    UsageError
        `framework-option` when an option does not have its pinned value: the server must not start.
    """
    options = pinned()
    if port is not None:
        options["server.port"] = port
    bootstrap.load_config_options(options)
    check()


def check() -> None:
    """Raise UsageError (`framework-option`) when an option does not have its pinned value."""
    for name, value in pinned().items():
        if config.get_option(name) != value:
            raise UsageError(
                "framework-option",
                f"The option {name} of Streamlit does not have the value that this product relies on.",
                "Unset STREAMLIT_ environment variables, and reinstall with the versions of requirements.lock.",
            )


def _flat(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten tables to dotted names; a table that is itself the value of an option stays whole."""
    options: dict[str, Any] = {}
    for section, table in tables.items():
        for name, value in table.items():
            key = f"{section}.{name}"
            if isinstance(value, Mapping) and section == "theme":
                options.update({f"{key}.{inner}": entry for inner, entry in value.items()})
            else:
                options[key] = value
    return options

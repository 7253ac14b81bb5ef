"""The published JSON schema of profiles, `profile.schema.json`, which editors use too."""

import json
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from workbench.profiles.loading import shipped_folder
from workbench.records.errors import ProfileError


def schema() -> dict[str, Any]:
    """Return the schema."""
    loaded: dict[str, Any] = json.loads((shipped_folder() / "profile.schema.json").read_text(encoding="utf-8"))
    return loaded


def check(value: object) -> None:
    """Refuse what the schema refuses.

    Raises
    ------
    ProfileError
        `profile-invalid`, with the place of the first problem.
    """
    error = best_match(Draft202012Validator(schema()).iter_errors(value))
    if error is None:
        return
    where = "/".join(str(step) for step in error.absolute_path) or "the profile"
    hint = f"Compare with profiles/profile.schema.json; the rule `{error.validator}` is not met."
    raise ProfileError("profile-invalid", f"The profile is not valid at {where}.", hint)

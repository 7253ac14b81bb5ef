"""Expert Determination (45 CFR 164.514(b)(1)): an expert's word about one profile, until a day."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from workbench.profiles.plan import Plan
from workbench.profiles.strict_yaml import read
from workbench.records.errors import ProfileError

_FIELDS = {"profile_digest", "expert", "reference", "expires"}
_DIGEST_LENGTH = 64


class Determination(NamedTuple):
    """Who determined for which decisions that the risk is very small, where that is filed, and until when it holds.

    `profile_digest` names the decisions. `expires` is the last day.
    """

    profile_digest: str
    expert: str
    reference: str
    expires: date


def load_determination(path: str) -> Determination:
    """Return the determination in a YAML file: `determination: {profile_digest, expert, reference, expires}`.

    Raises
    ------
    ProfileError
        `determination-invalid`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise _wrong("the file cannot be read") from None
    content = read(text)
    found: Any = content.get("determination") if isinstance(content, dict) and len(content) == 1 else None
    if (
        not isinstance(found, dict)
        or set(found) != _FIELDS
        or not all(isinstance(each, str) for each in found.values())
    ):
        raise _wrong(f"it needs the fields {', '.join(sorted(_FIELDS))} below `determination`")
    digest, expert, reference = (found[name].strip() for name in ("profile_digest", "expert", "reference"))
    if len(digest) != _DIGEST_LENGTH or not set(digest) <= set("0123456789abcdef") or not expert or not reference:
        raise _wrong("profile_digest is not a digest, or expert or reference is empty")
    try:
        expires = date.fromisoformat(found["expires"])
    except ValueError:
        raise _wrong("expires is not a day such as 2027-12-31") from None
    return Determination(digest, expert, reference, expires)


def check_determination(plan: Plan, determination: Determination | None, today: date) -> None:
    """Refuse a plan that an expert's determination does not carry on this day.

    A plan that requires none, and has none, passes.

    Raises
    ------
    ProfileError
        `determination-missing`, `determination-other-profile` or `determination-expired`.
    """
    if determination is None:
        if "determination" in plan.requires:
            raise ProfileError(
                "determination-missing",
                "The profile rests on an expert's determination, and none was given.",
                "Give the file of the determination for this profile.",
            )
        return
    if determination.profile_digest != plan.digest:
        raise ProfileError(
            "determination-other-profile",
            "The determination was made for other decisions than those of this profile.",
            "Have the expert look at this version of the profile, or use the one that was looked at.",
        )
    if today > determination.expires:
        raise ProfileError(
            "determination-expired",
            "The expert's determination has expired.",
            "Have it renewed; the risk of recognition grows with what else becomes known.",
        )


def _wrong(problem: str) -> ProfileError:
    return ProfileError(
        "determination-invalid", f"The determination is not valid: {problem}.", "Correct the file and try again."
    )

"""Profiles from YAML files: found, read strictly, inherited, and checked word by word."""

import re
from pathlib import Path
from typing import Any

from workbench.profiles.model import (
    DATE_MODES,
    LAWS,
    OLDEST_AGE,
    PRIVATE_MODES,
    PRIVATE_TABLES,
    PRIVATE_VERBS,
    PSEUDONYMS,
    REQUIREMENTS,
    VERBS,
    PatientMode,
    PrivateRule,
    Profile,
    ProfileRule,
    Unlisted,
)
from workbench.profiles.private_attributes import LEVELS
from workbench.profiles.strict_yaml import read
from workbench.records.errors import ProfileError
from workbench.standard.cid7050 import OPTIONS
from workbench.standard.dictionary import tag_of
from workbench.standard.table import EDITION

STANDARD = f"ps315-{EDITION}"

_FIELDS = {
    "profile",
    "version",
    "title",
    "law",
    "requires",
    "notes",
    "why",
    "signed",
    "standard",
    "extends",
    "options",
    "dates",
    "patient",
    "private",
    "pixels",
    "unlisted",
    "rules",
}
_PIXELS = ("off", "flag", "clean")
_PATIENT = ("code", "empty")
_MAX_LINEAGE = 8
PRIVATE_VRS = tuple(sorted(set(LEVELS["listed"])))
"""VRs that a private attribute which stays may have."""

_GROUP = re.compile(r"[0-9A-Fa-f]{3}[13579BbDdFf]")
_BYTE = re.compile(r"[0-9a-f]{2}")
_PREFIX = re.compile(r"[A-Za-z0-9-]{0,16}")


def shipped_folder() -> Path:
    """Return the folder of the shipped profiles: inside the package when installed, else next to it in the sources."""
    packaged = Path(__file__).parent / "shipped"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "profiles"


def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles."""
    return tuple(sorted(path.stem for path in shipped_folder().glob("*.yaml")))


def load(name_or_path: str) -> Profile:
    """Return the profile of this name, or of this YAML file.

    A text with a slash, a backslash or the ending `.yaml` or `.yml` is a file; anything else a shipped profile.

    Raises
    ------
    ProfileError
        `unknown-profile`, `profile-not-yaml`, or a code that names what is wrong in it, with the next step.
    """
    return _load(name_or_path, ())


def _load(name_or_path: str, descendants: tuple[str, ...]) -> Profile:
    if len(descendants) > _MAX_LINEAGE or name_or_path in descendants:
        raise ProfileError("profile-circle", "The profiles extend each other in a circle.", "Correct `extends`.")
    own = any(mark in name_or_path for mark in ("/", "\\")) or name_or_path.endswith((".yaml", ".yml"))
    path = Path(name_or_path) if own else shipped_folder() / f"{name_or_path}.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        known = ", ".join(shipped_names())
        hint = f"Shipped profiles: {known}. For one of your own give the path of its YAML file."
        raise ProfileError("unknown-profile", "There is no such profile.", hint) from None
    return _from_text(text, (*descendants, name_or_path), own=own)


def load_text(text: str) -> Profile:
    """Return the profile that a text in YAML describes, held to the same rules as a file.

    Raises
    ------
    ProfileError
        As `load` does.
    """
    return _from_text(text, (), own=True)


def _from_text(text: str, lineage: tuple[str, ...], *, own: bool) -> Profile:
    value = read(text)
    if own:
        _check_schema(value)
    content = _map(value, "the profile", _FIELDS)
    parent_name = content.get("extends")
    parent = _load(_text(parent_name, "extends"), lineage) if parent_name is not None else None
    return _profile(content, parent, own=own)


def _profile(content: dict[str, Any], parent: Profile | None, *, own: bool) -> Profile:
    name = _text(content.get("profile"), "profile")
    standard = _text(content.get("standard", parent.standard if parent else None), "standard")
    if standard != STANDARD:
        raise ProfileError(
            "profile-other-edition",
            "The profile was written for another edition of the standard than this program carries.",
            f"Review it against {STANDARD} and set `standard: {STANDARD}`.",
        )
    dates = content.get("dates")
    mode = _map(dates, "dates", {"mode"}).get("mode") if dates is not None else (parent.dates if parent else "removed")
    items = _list(content.get("rules"), "rules")
    rules = tuple(_rule(item, name) for item in items if not _is_private(item))
    private_rules = tuple(_private_rule(item, name) for item in items if _is_private(item))
    _refuse_twins(rules, private_rules)
    return Profile(
        name=name,
        version=_number(content.get("version"), "version"),
        title=_text(content.get("title"), "title"),
        standard=standard,
        lineage=(*(parent.lineage if parent else ()), name),
        options=_options(content.get("options"), parent),
        dates=_one_of(mode, "dates.mode", tuple(DATE_MODES)),
        patient=_patient(content.get("patient"), parent.patient if parent else PatientMode()),
        **_modes(content, parent),
        pixels=_one_of(content.get("pixels", parent.pixels if parent else "off"), "pixels", _PIXELS),
        unlisted=_unlisted(content.get("unlisted"), parent.unlisted if parent else Unlisted()),
        rules=(*(parent.rules if parent else ()), *rules),
        private_rules=(*(parent.private_rules if parent else ()), *private_rules),
        why=_text(content.get("why", ""), "why", empty=True),
        signed=_text(content.get("signed", ""), "signed", empty=True),
        own=own,
        parent=parent,
    )


def _options(value: Any, parent: Profile | None) -> tuple[str, ...]:
    if value is None:
        return parent.options if parent else ()
    names = [_one_of(item, "options", OPTIONS) for item in _list(value, "options")]
    if len(set(names)) != len(names):
        raise _wrong("options", "lists an option twice")
    return tuple(option for option in OPTIONS if option in names)


def _patient(value: Any, parent: PatientMode) -> PatientMode:
    fields = ("id", "name", "study_id", "accession")
    content = _map(value, "patient", {*fields, "prefix", "pseudonyms", "age_cap"}) if value is not None else {}
    modes = {each: _one_of(content.get(each, getattr(parent, each)), f"patient.{each}", _PATIENT) for each in fields}
    prefix = content.get("prefix", parent.prefix)
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix):
        raise _wrong("patient.prefix", "must be at most 16 letters, digits or hyphens")
    return PatientMode(**modes, prefix=prefix)


def _modes(content: dict[str, Any], parent: Profile | None) -> dict[str, Any]:
    """Return the modes that a child takes over one by one: private attributes, ages, pseudonyms, law, requirements."""
    patient = content.get("patient") or {}
    private = _map(content.get("private", {}), "private", {"mode", "table"})
    cap = patient.get("age_cap", parent.age_cap if parent else OLDEST_AGE)
    if not isinstance(cap, int) or isinstance(cap, bool) or not 0 <= cap <= OLDEST_AGE:
        raise _wrong("patient.age_cap", f"must be a whole number of years up to {OLDEST_AGE}, or 0 for no cap")
    law = content.get("law", parent.law if parent else "")
    requires = content.get("requires", list(parent.requires) if parent else [])
    return {
        "private": _one_of(private.get("mode", parent.private if parent else "remove"), "private.mode", PRIVATE_MODES),
        "private_table": _one_of(
            private.get("table", parent.private_table if parent else PRIVATE_TABLES[0]), "private.table", PRIVATE_TABLES
        ),
        "age_cap": cap,
        "pseudonyms": _one_of(
            patient.get("pseudonyms", parent.pseudonyms if parent else PSEUDONYMS[0]), "patient.pseudonyms", PSEUDONYMS
        ),
        "law": _one_of(law, "law", ("", *LAWS)),
        "requires": tuple(_one_of(item, "requires", REQUIREMENTS) for item in _list(requires, "requires")),
        "notes": tuple(_text(item, "notes") for item in _list(content.get("notes"), "notes")),
    }


def _unlisted(value: Any, parent: Unlisted) -> Unlisted:
    if value is None:
        return parent
    fields = tuple(Unlisted.__slots__)
    content = _map(value, "unlisted", set(fields))
    settings: dict[str, Any] = {}
    for each in fields:
        if each in {"uid_kept", "binary_kept"}:
            own = frozenset(_tag(word, f"unlisted.{each}") for word in _list(content.get(each), f"unlisted.{each}"))
            settings[each] = getattr(parent, each) | own
        else:
            verbs = tuple(verb for verb in VERBS if verb != "set")
            settings[each] = _one_of(content.get(each, getattr(parent, each)), f"unlisted.{each}", verbs)
    return Unlisted(**settings)


def _rule(value: Any, source: str) -> ProfileRule:
    content = _map(value, "a rule", {"tag", "do", "to", "unless", "why", "signed"})
    path = _text(content.get("tag"), "tag of a rule")
    verb = _one_of(content.get("do"), f"rule {path}", tuple(VERBS))
    text = content.get("to", "")
    if (verb == "set") != bool(text) or not isinstance(text, str):
        raise _wrong(f"rule {path}", "needs `to: TEXT` with `do: set`, and only there")
    anchored = path.startswith("/")
    steps = path.removeprefix("/").split("/")
    pattern = tuple(None if step == "*" else _tag(step, f"rule {path}") for step in steps)
    if all(step is None for step in pattern):
        raise _wrong(f"rule {path}", "must name an attribute")
    why, signed = (_text(content.get(each, ""), f"{each} of rule {path}", empty=True) for each in ("why", "signed"))
    unless = tuple(_one_of(item, f"unless of rule {path}", OPTIONS) for item in _list(content.get("unless"), "unless"))
    return ProfileRule(path, pattern, anchored, verb, why, signed, text, source, unless)


def _is_private(value: Any) -> bool:
    return isinstance(value, dict) and "private" in value


def _private_rule(value: Any, source: str) -> PrivateRule:
    content = _map(value, "a rule", {"private", "do", "vr", "why", "signed"})
    place = [str(part) for part in _list(content.get("private"), "private of a rule")]
    where = "a rule on a private attribute"
    if len(place) != 3 or not place[1].strip(" "):
        raise ProfileError(
            "private-rule-without-creator",
            "A rule on a private attribute does not say whose it is.",
            'Write `private: ["0019", "SIEMENS MR HEADER", "0C"]`: group, private creator, last two digits.',
        )
    group, creator, element = place[0], place[1].strip(" "), place[2].lower().removeprefix("xx")
    if not _GROUP.fullmatch(group) or not _BYTE.fullmatch(element):
        raise _wrong(where, "needs an odd group of four digits and an element of two, hexadecimal")
    vr = _one_of(content.get("vr", ""), f"vr of {where}", ("", *PRIVATE_VRS))
    verb = _one_of(content.get("do"), where, PRIVATE_VERBS)
    why, signed = (_text(content.get(each, ""), f"{each} of {where}", empty=True) for each in ("why", "signed"))
    return PrivateRule(int(group, 16), creator, int(element, 16), verb, vr, why, signed, source)


def _refuse_twins(rules: tuple[ProfileRule, ...], private_rules: tuple[PrivateRule, ...]) -> None:
    twins = len({rule.place for rule in private_rules}) != len(private_rules)
    if twins or len({(rule.pattern, rule.anchored) for rule in rules}) != len(rules):
        raise _wrong("rules", "has two rules for the same path")


def _tag(word: Any, where: str) -> int:
    tag = tag_of(word) if isinstance(word, str) else None
    if tag is None:
        raise ProfileError(
            "unknown-keyword",
            f"The profile names an attribute in `{where}` that the standard does not have.",
            "Use the keyword of PS3.6, for example PatientBirthDate.",
        )
    return tag


def _map(value: Any, where: str, allowed: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where, "must be a list of `word: value` lines")
    strange = sorted(set(value) - allowed)
    if strange:
        raise _wrong(where, f"has the word {strange[0][:40]!r}; known are {', '.join(sorted(allowed))}")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong(where, "must be a list")
    return value


def _text(value: Any, where: str, *, empty: bool = False) -> str:
    if not isinstance(value, str) or not (value or empty) or len(value) > 400:
        raise _wrong(where, "must be a text")
    return value


def _number(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong(where, "must be a whole number from 1")
    return value


def _one_of(value: Any, where: str, allowed: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise _wrong(where, f"must be one of {', '.join(allowed)}")
    return value


def _wrong(where: str, problem: str) -> ProfileError:
    return ProfileError(
        "profile-invalid",
        f"The profile is not valid: {where} {problem}.",
        "Correct it; `workbench profile lint` checks.",
    )


def _check_schema(value: Any) -> None:
    """Check a file of the user's own against the published JSON schema, the form that their editor knows."""
    from workbench.profiles.schema import check  # noqa: PLC0415 - jsonschema is slow to import and shipped files are tested

    check(value)

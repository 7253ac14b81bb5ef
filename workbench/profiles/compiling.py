"""From a profile to a plan. What this version cannot carry out is refused here, so that no plan claims it."""

from workbench.profiles.lock import digest, lock_lines
from workbench.profiles.model import DATE_MODES, Profile, ProfileRule
from workbench.profiles.plan import Plan
from workbench.records.errors import ProfileError
from workbench.standard.cid7050 import CODES, OPTIONS

CARRIED_OUT = frozenset(OPTIONS) - {"clean_recognizable_visual_features"}
"""Options that this version carries out whole."""

_FOR_EVERY_OUTPUT = CARRIED_OUT - {"clean_pixel_data"}
"""Options whose code every output claims. That pixels were cleaned, one claims when all of its own were examined."""

_DATE_OPTION = {
    "removed": None,
    "full": "retain_longitudinal_full_dates",
    "shift": "retain_longitudinal_modified_dates",
    "year_only": "retain_longitudinal_modified_dates",
}


def compile_plan(profile: Profile, *, carried_out: frozenset[str] = CARRIED_OUT) -> Plan:
    """Return the plan of a profile.

    `carried_out` names the options that the engine can do; each option of the profile must be one of them.

    Raises
    ------
    ProfileError
        `option-not-available`, `dates-contradict`, `private-contradicts` or `pixels-contradict` when options and modes
        do not say the same, `rule-weaker-without-reason`, or the code of any other error that lint finds, such
        as `law-not-met` when the profile does not do what the law that it names asks for.
    """
    missing = [option for option in profile.options if option not in carried_out]
    if missing:
        raise ProfileError(
            "option-not-available",
            f"This version does not carry out {', '.join(missing)}.",
            "Remove the option from the profile, or use a version that has it.",
        )
    check_dates(profile)
    check_private(profile)
    check_pixels(profile)
    check_reasons(profile)
    if profile.own:
        check_lint(profile)
    return plan_of(profile)


def plan_of(profile: Profile) -> Plan:
    """Return the plan without asking whether it can be carried out: for comparisons, explanations and tests.

    `standard` of the profile may be an older edition (`standard.editions`), to compare with.
    """
    return Plan(
        profile=profile.name,
        version=profile.version,
        title=profile.title,
        edition=profile.standard.removeprefix("ps315-"),
        digest=digest(lock_lines(profile)),
        options=profile.options,
        codes=(CODES["basic"], *(CODES[option] for option in profile.options if option in _FOR_EVERY_OUTPUT)),
        longitudinal=DATE_MODES[profile.dates],
        patient=profile.patient,
        pixels=profile.pixels,
        private=profile.private,
        private_table=profile.private_table,
        private_rules={rule.place: rule for rule in profile.private_rules},
        dates=profile.dates,
        age_cap=profile.age_cap,
        pseudonyms=profile.pseudonyms,
        law=profile.law,
        requires=profile.requires,
        notes=profile.notes,
        unlisted=profile.unlisted,
        rules=_by_last_tag(profile.speaking),
    )


def check_reasons(profile: Profile) -> None:
    """Refuse a profile in which something is weaker than what it changes, without a reason or somebody who signs.

    The profiles that it extends are asked too: a weak parent does not become strong by having children.
    """
    from workbench.profiles.weakness import weaker_rules, weaker_sections  # noqa: PLC0415 - it compares plans, and needs this module

    answered = bool(profile.why and profile.signed)
    for section in () if answered else weaker_sections(profile):
        raise ProfileError(
            "section-weaker-without-reason",
            f"`{section}` lets more through than the profile that this one extends, and nobody answers for it.",
            "Add `why:` and `signed:` at the top of the profile, or make the section stricter.",
        )
    for weaker in weaker_rules(profile):
        if not (weaker.rule.why and weaker.rule.signed):
            raise ProfileError(
                "rule-weaker-without-reason",
                f"The rule for {weaker.rule.path} lets more through than {weaker.code}, and nobody answers for it.",
                "Add `why:` and `signed:` to the rule, or make it stricter.",
            )
    for private in profile.private_rules:
        if private.verb != "remove" and not (private.why and private.signed):
            raise ProfileError(
                "rule-weaker-without-reason",
                f"The rule for {private.path} lets a private attribute through, and nobody answers for it.",
                "Add `why:` and `signed:` to the rule, or remove the attribute.",
            )
    if profile.parent is not None:
        check_reasons(profile.parent)


def check_dates(profile: Profile) -> None:
    """Refuse a profile whose date mode and options contradict each other (PS3.15 E.3.6: one or the other)."""
    wanted = _DATE_OPTION[profile.dates]
    chosen = {option for option in _DATE_OPTION.values() if option in profile.options}
    if chosen != ({wanted} if wanted else set()):
        raise ProfileError(
            "dates-contradict",
            "The date mode and the options of the profile do not say the same.",
            "removed goes with no longitudinal option, full with Full Dates, shift and year_only with Modified Dates.",
        )


def check_private(profile: Profile) -> None:
    """Refuse a profile whose mode for private attributes and whose option contradict each other (PS3.15 E.3.10)."""
    kept = [rule for rule in profile.private_rules if rule.verb != "remove"]
    if (profile.private != "remove" or bool(kept)) is not ("retain_safe_private" in profile.options):
        raise ProfileError(
            "private-contradicts",
            "The mode for private attributes and the options of the profile do not say the same.",
            "The option retain_safe_private goes with every mode but remove, and with rules that keep private ones.",
        )


def check_pixels(profile: Profile) -> None:
    """Refuse a profile that claims to clean pixels and does not (PS3.15 E.3.1)."""
    if "clean_pixel_data" in profile.options and profile.pixels != "clean":
        raise ProfileError(
            "pixels-contradict",
            "The option clean_pixel_data and the mode for pixels do not say the same.",
            "Set `pixels: clean`; the option then need not be named.",
        )


def check_lint(profile: Profile) -> None:
    """Refuse a profile in which lint finds an error: what it says and what would be done are not the same."""
    from workbench.profiles.linting import lint  # noqa: PLC0415 - it imports this module; shipped profiles were linted

    error = next((issue for issue in lint(profile) if issue.severity == "error"), None)
    if error is not None:
        raise ProfileError(error.code, error.message, error.hint)


def _by_last_tag(rules: tuple[ProfileRule, ...]) -> dict[int, tuple[ProfileRule, ...]]:
    """Group the rules by the last tag of their path, the strongest first; among equals the later one wins."""
    groups: dict[int, list[ProfileRule]] = {}
    for rule in reversed(rules):
        last = rule.pattern[-1]
        groups.setdefault(-1 if last is None else last, []).append(rule)
    return {tag: tuple(sorted(group, key=lambda rule: rule.weight, reverse=True)) for tag, group in groups.items()}

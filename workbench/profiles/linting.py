"""Lint: what is wrong, dubious or worth a second look in a profile that loads."""

from typing import NamedTuple

from workbench.profiles import cleaning
from workbench.profiles.compiling import CARRIED_OUT, check_dates, check_pixels, check_private, check_reasons, plan_of
from workbench.profiles.law import unmet
from workbench.profiles.model import KINDS, VERBS, Profile, ProfileRule
from workbench.profiles.plan import Plan
from workbench.profiles.weakness import level, weaker_rules, weaker_sections
from workbench.records.errors import ProfileError
from workbench.standard.dictionary import vr_of
from workbench.standard.table import ROWS


class LintIssue(NamedTuple):
    """One remark. `severity` is `error` (the profile does not compile or is false), `warning` or `note`."""

    code: str
    message: str
    hint: str
    severity: str


def lint(profile: Profile) -> list[LintIssue]:
    """Return the remarks, errors first."""
    plan = plan_of(profile)
    issues = [
        *_refusals(profile),
        *_options(profile, plan),
        *_devices(profile),
        *_ages(profile),
        *_law(plan),
        *_rules(profile, plan),
        *_deviations(profile),
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(issues, key=lambda issue: order[issue.severity])


def _refusals(profile: Profile) -> list[LintIssue]:
    issues = []
    for check in (check_dates, check_private, check_pixels, check_reasons):
        try:
            check(profile)
        except ProfileError as error:
            issues.append(LintIssue(error.code, error.message, error.hint, "error"))
    if profile.pixels == "off":
        message = "Pixels are not examined: names and numbers that are burned in stay, and no output claims 113101."
        issues.append(LintIssue("pixels-not-examined", message, "Set `pixels: clean`.", "note"))
    return issues


def _options(profile: Profile, plan: Plan) -> list[LintIssue]:
    """Options that cannot be done, or that are claimed while a rule undoes them (PS3.15 E.1.3: claims are true)."""
    issues = []
    for option in profile.options:
        if option not in CARRIED_OUT:
            message = f"This version does not carry out {option}."
            issues.append(LintIssue("option-not-available", message, "Remove the option.", "error"))
        if option.startswith("retain_"):
            issues += _undone(profile, plan, option)
    return issues


def _undone(profile: Profile, plan: Plan, option: str) -> list[LintIssue]:
    """Rows that the option retains and a rule takes away: false unless few, and somebody answers for them."""
    signed = {rule.pattern for rule in profile.speaking if rule.why and rule.signed}
    undone = [row for row in ROWS.values() if option in row.options and _taken_away(plan, row.tag)]
    unsigned = sorted(row.keyword for row in undone if (row.tag,) not in signed)
    if unsigned:
        message = f"{option} is claimed, but a rule does not keep {', '.join(unsigned[:5])}."
        hint = "Remove the rule, do not claim the option, or let somebody sign the exception."
        return [LintIssue("option-undone", message, hint, "error")]
    if undone:
        message = f"{option} is claimed, with the exception of {', '.join(sorted(row.keyword for row in undone))}."
        return [LintIssue("option-narrowed", message, "The conformance statement must name it.", "note")]
    return []


def _taken_away(plan: Plan, tag: int) -> bool:
    decision = plan.decide((tag,), (vr_of(tag) or "UN").split(" ")[0])
    return decision.origin.startswith("profile ") and "#" not in decision.code and level(decision.code) < level("C")


def _devices(profile: Profile) -> list[LintIssue]:
    dates = {"retain_longitudinal_full_dates", "retain_longitudinal_modified_dates"}
    if "retain_device_identity" in profile.options and not dates & set(profile.options):
        message = "Device identity is retained without a choice on dates: eleven real dates of devices would stay."
        hint = "Choose `dates: {mode: full}` or `shift`, or add rules that remove the dates of calibration."
        return [LintIssue("device-without-dates", message, hint, "error")]
    return []


def _ages(profile: Profile) -> list[LintIssue]:
    if "retain_patient_characteristics" in profile.options and not profile.age_cap and not profile.law:
        message = "Ages over 89 would stay, and the profile names no law under which they may."
        return [LintIssue("age-uncapped", message, "Set `patient: {age_cap: 89}`, or name the `law`.", "warning")]
    return []


def _law(plan: Plan) -> list[LintIssue]:
    """What a profile must do that says what it is for: see `profiles.law`."""
    hint = "`workbench profile check` shows it class by class."
    return [LintIssue("law-not-met", f"For {plan.law}: {problem}.", hint, "error") for problem in unmet(plan)]


def _rules(profile: Profile, plan: Plan) -> list[LintIssue]:
    issues = []
    for rule in profile.speaking:
        tag = next(step for step in reversed(rule.pattern) if step is not None)
        vr = vr_of(tag) or ""
        if not rule.why:
            message = f"The rule for {rule.path} gives no reason."
            issues.append(LintIssue("rule-without-reason", message, "Add `why:`.", "warning"))
        if vr == "SQ" and rule.verb in {"dummy", "set", "check", "remap"}:
            message = f"The rule for {rule.path} asks for `{rule.verb}`, which a sequence cannot be."
            issues.append(LintIssue("verb-not-for-sequence", message, "Use remove, empty, keep or by_type.", "error"))
        issues += _way_to_clean(rule, vr, profile)
        if rule.verb == "remap" and vr not in {"UI", "SQ"}:
            message = f"The rule for {rule.path} asks for a new UID, but the attribute is not one."
            issues.append(LintIssue("remap-not-uid", message, "Use another verb.", "error"))
        if len(rule.pattern) == 1 and plan.decide((tag,), vr.split(" ")[0] or "UN").code != VERBS[rule.verb]:
            message = f"The rule for {rule.path} never decides: another rule, or the structure of data sets, does."
            issues.append(LintIssue("rule-without-effect", message, "Remove the rule.", "warning"))
    return issues


_VRS_OF = {"cap_age": {"AS"}, "shift": {"DA", "TM", "DT"}, "year": {"DA", "TM", "DT"}}
_DATES_OF = {"shift": "shift", "year": "year_only"}


def _way_to_clean(rule: ProfileRule, vr: str, profile: Profile) -> list[LintIssue]:
    """A way to clean that the value does not have, or that the modes of the profile do not carry out."""
    issues = []
    unfit = vr not in _VRS_OF.get(rule.verb, {vr}) or (rule.verb == "code" and vr in {"SQ", "UI", *_VRS_OF["shift"]})
    if unfit or (VERBS[rule.verb] == "C" and rule.verb not in KINDS and not cleaning.kind_of(rule.pattern[-1] or 0)):
        message = f"The rule for {rule.path} asks for `{rule.verb}`, which a value of VR {vr} cannot be."
        issues.append(LintIssue("verb-not-for-value", message, "Use another verb.", "error"))
    if rule.verb in _DATES_OF and profile.dates != _DATES_OF[rule.verb]:
        message = f"The rule for {rule.path} asks for `{rule.verb}`, which the date mode {profile.dates} does not do."
        issues.append(LintIssue("verb-not-for-mode", message, "Change `dates`, or use another verb.", "error"))
    if rule.verb == "cap_age" and not profile.age_cap:
        message = f"The rule for {rule.path} caps ages, and the profile has no cap."
        issues.append(LintIssue("verb-not-for-mode", message, "Set `patient: {age_cap: 89}`.", "error"))
    return issues


def _deviations(profile: Profile) -> list[LintIssue]:
    """What lets more through than the standard or the parent; signed, or it would not compile. Shown on release."""
    issues = []
    each: Profile | None = profile
    while each is not None:
        for weaker in weaker_rules(each):
            message = f"Deviation: the rule for {weaker.rule.path} of {each.name} lets more through than {weaker.code}."
            issues.append(LintIssue("deviation", message, f"Signed: {weaker.rule.signed or 'nobody'}.", "note"))
        if each.parent is not None:
            for section in weaker_sections(each):
                message = f"Deviation: `{section}` of {each.name} lets more through than in {each.parent.name}."
                issues.append(LintIssue("deviation", message, f"Signed: {each.signed or 'nobody'}.", "note"))
        each = each.parent
    return issues

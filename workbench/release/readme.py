"""The words that travel with a package: README.txt and README.html, for a radiologist without our software."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from html import escape

from workbench.release.facts import CapsuleStudy, ManifestFacts
from workbench.release.law import law_of
from workbench.release.manifest import Counts
from workbench.release.signature import grouped

_DATE = "%d %B %Y"
_STRICTEST_FIRST = ("treatment", "limited-data-set")
_DATED = frozenset({"treatment", "limited-data-set", "expert-determination"})
"""Classes under which dates may be real or shifted."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the text says besides the facts.

    `unchecked` counts the instances whose pixels nobody checked, `single` has the ledger entries by which a single
    person approved.
    """

    recipient_key: str
    fingerprint: str
    unchecked: int
    single: AbstractSet[int]


def write_text(facts: ManifestFacts, counts: Counts, words: Words) -> bytes:
    """Return README.txt, at most 78 characters wide."""
    blocks = [f"IMAGES FOR {facts.recipient.upper()}", f"Release {facts.release}"]
    for title, paragraphs in _sections(facts, counts, words):
        blocks.append(f"{title}\n{'-' * len(title)}")
        blocks.extend(_plain(paragraph) for paragraph in paragraphs)
    return ("\n\n".join(blocks) + "\n").encode("utf-8")


def write_html(facts: ManifestFacts, counts: Counts, words: Words) -> bytes:
    """Return README.html: one file, no script, nothing fetched, readable in light, in dark and on paper."""
    body = [f"<h1>Images for {escape(facts.recipient)}</h1>", f"<p>Release <b>{escape(facts.release)}</b></p>"]
    for title, paragraphs in _sections(facts, counts, words):
        body.append(f"<h2>{escape(title)}</h2>")
        body.extend(_marked(paragraph) for paragraph in paragraphs)
    page = _PAGE.replace("{title}", escape(f"Release {facts.release}")).replace("{body}", "\n".join(body))
    return page.encode("utf-8")


class _Warning(str):
    """A paragraph that must not be overlooked."""

    __slots__ = ()


_Paragraph = str | list[str] | tuple[str, ...]
"""A sentence or two, a list, or lines to be kept as they are."""


def _sections(facts: ManifestFacts, counts: Counts, words: Words) -> list[tuple[str, list[_Paragraph]]]:
    whom = facts.contact or "the person who sent you this package"
    return [
        ("What this is", _what(facts, counts, words.single)),
        ("Please know", _know(facts, counts, words.unchecked)),
        (
            "How to open it",
            [
                "With the workbench (it also checks everything, and writes a receipt for the sender):",
                ("workbench open PACKAGE.age FOLDER --identity key.txt --trust trust.vkey",),
                "Without it, with the free program age (version 1) and tar:",
                ("age -d -i key.txt -o release.tar PACKAGE.age", "mkdir FOLDER", "tar -xf release.tar -C FOLDER"),
                "Then open FOLDER, or the file DICOMDIR in it, with any DICOM viewer, or import it into your PACS.",
                "key.txt is the file with your secret key. This package was made for the public key",
                (words.recipient_key,),
            ],
        ),
        (
            "How to check it",
            [
                (
                    "age refuses a package that was altered on its way, but it cannot tell who made it. The command "
                    "workbench open can: it needs the file trust.vkey, which the sender gives you by another way than "
                    "this package. Compare its fingerprint by telephone:"
                ),
                tuple(_folded(grouped(words.fingerprint))),
                (
                    "It then checks the signature, the digest of every file, and the proof that each approval stands "
                    "in the sender's audit log. It needs no network. A package that fails any of this is not unpacked."
                ),
                "Please send the file receipt.json, which it writes, back to the sender.",
            ],
        ),
        (
            "If something is wrong",
            [
                (
                    f"Call {whom}. Name the release {facts.release}. Call at once if you see a name, a date of birth "
                    "or anything else in the images or texts that could tell who the patient is, and do not pass it on."
                ),
                "Delete the package and the opened folder when you no longer need them for the purpose above.",
            ],
        ),
    ]


def _what(facts: ManifestFacts, counts: Counts, single: AbstractSet[int]) -> list[_Paragraph]:
    return [
        (
            f"{_kind(facts)}: {_number(counts.studies, 'study', 'studies')}, "
            f"{_number(counts.series, 'series', 'series')}, {_number(counts.instances, 'file', 'files')}."
        ),
        [_study_line(study, single) for study in facts.studies],
        *_law(facts),
        f"Purpose: {facts.purpose}. Basis: {facts.basis}.",
        *([f"Data use agreement: {facts.agreement}."] if facts.agreement else []),
        f"Made on {facts.created.strftime(_DATE)}. Use it until {facts.expires.strftime(_DATE)}.",
    ]


def _study_line(study: CapsuleStudy, single: AbstractSet[int]) -> str:
    approval = study.approvals[-1]
    by = f"approved by {approval.approved_by}" + (" (single-person approval)" if approval.seq in single else "")
    return f"{study.study}: patient code {study.patient_code or 'none'}, submitted by {approval.submitted_by}, {by}"


def _kind(facts: ManifestFacts) -> str:
    """Return what the content is called: by the strictest class in it, never by a milder one."""
    codes = {study.law for study in facts.studies}
    return law_of(next((code for code in _STRICTEST_FIRST if code in codes), "")).kind


def _law(facts: ManifestFacts) -> list[_Paragraph]:
    """Say of each profile in the package what it is made for."""
    profiles = dict.fromkeys((study.profile, study.profile_version, study.law) for study in facts.studies)
    return [
        _Warning(said) if code in _STRICTEST_FIRST else said
        for name, version, code in profiles
        for said in [f"Profile {name}, version {version}: {law_of(code).label}. {law_of(code).says}"]
    ]


def _know(facts: ManifestFacts, counts: Counts, unchecked: int) -> list[_Paragraph]:
    what = "Names and numbers" if any(study.law in _DATED for study in facts.studies) else "Names, dates and numbers"
    paragraphs: list[_Paragraph] = [
        (
            f"{what} of the patients were removed or replaced. An empty date, or one of the year 1900 "
            "in the list of studies, stands for a removed date. Only the sender knows whom a patient code means."
        ),
    ]
    if unchecked:
        whole = "The pixels" if unchecked == counts.instances else f"The pixels of {unchecked} files"
        paragraphs.append(
            _Warning(
                f"{whole} were NOT checked for text that is part of the picture. Should you see a name there, call."
            )
        )
    withheld = sum(len(study.withheld) for study in facts.studies)
    if withheld:
        paragraphs.append(
            f"{_number(withheld, 'file of these studies was', 'files of these studies were')} held back and "
            f"{'is' if withheld == 1 else 'are'} not in this package."
        )
    return paragraphs


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _folded(text: str, width: int = 72) -> list[str]:
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _plain(paragraph: _Paragraph) -> str:
    if isinstance(paragraph, str):
        return "\n".join(_folded(paragraph, 78))
    if isinstance(paragraph, list):
        return "\n".join("  - " + "\n    ".join(_folded(line, 74)) for line in paragraph)
    return "\n".join(f"    {line}" for line in paragraph)


def _marked(paragraph: _Paragraph) -> str:
    if isinstance(paragraph, str):
        kind = ' class="warning"' if isinstance(paragraph, _Warning) else ""
        return f"<p{kind}>{escape(paragraph)}</p>"
    if isinstance(paragraph, list):
        return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in paragraph) + "</ul>"
    return f"<pre>{escape(chr(10).join(paragraph))}</pre>"


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root { color-scheme: light dark;
  --ink: #1c2430; --paper: #fbfbf9; --quiet: #eef0f2; --line: #0b6b74; --care: #b3541e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --paper: #14181d; --quiet: #20262d; --line: #58c4cd; --care: #f0a36b; }
}
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 44rem; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.125rem; margin: 2.25rem 0 .25rem; padding-top: .75rem; border-top: 2px solid var(--line); }
p, ul { margin: .6rem 0; }
ul { padding-left: 1.25rem; }
.warning { border-left: .25rem solid var(--care); padding: .25rem 0 .25rem .75rem; font-weight: 600; }
pre { margin: .6rem 0; padding: .75rem 1rem; background: var(--quiet); border-radius: .375rem;
  font: .9rem/1.5 ui-monospace, "SF Mono", Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } }
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

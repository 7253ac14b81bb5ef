"""What the verification of a folder came to. Carries no value, no name and no UID: inputs and outputs are numbers."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from workbench.records.finding import Finding, Note, Unknown
from workbench.verify.checks.unknowns import KINDS

FORMAT = "deid-workbench verify 1"
"""Name and version of the document; a field may be added to a version, none changes or goes."""


@dataclass(frozen=True, slots=True)
class Paired:
    """One output: its number in the output folder, that of its input, and how the two were brought together."""

    output: int
    instance: int
    by: str
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An input that the verifier could not read, so that nothing can be said of its output."""

    instance: int
    code: str


@dataclass(frozen=True, slots=True)
class Report:
    """The verification of a folder of outputs against the folder of their inputs.

    `paired` has one entry for each output with a known input, `unpaired` the outputs without, `missing` the inputs
    without an output (which is no fault: they may have been held back). `general` are findings of the set and of files
    that are no instances.
    """

    inputs: int
    outputs: int
    paired: tuple[Paired, ...]
    unpaired: tuple[int, ...]
    missing: tuple[int, ...]
    refused: tuple[Refused, ...]
    other_files: int
    general: tuple[Finding, ...]
    notes: tuple[Note, ...] = ()
    """Of the set."""
    profile: str = ""
    profile_digest: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those of the set last."""
        return (*(finding for pair in self.paired for finding in pair.findings), *self.general)

    @property
    def passed(self) -> bool:
        """Whether every output was paired and read, and nothing was found."""
        return not self.findings and not self.unpaired and not self.refused and bool(self.paired)

    @property
    def exit_code(self) -> int:
        """0 when all is well, 1 when something was found or could not be checked."""
        return 0 if self.passed else 1

    def document(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "format": FORMAT,
            "profile": self.profile,
            "profile_digest": self.profile_digest,
            "passed": self.passed,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "paired": dict(sorted(Counter(pair.by for pair in self.paired).items())),
            "unpaired_outputs": list(self.unpaired),
            "inputs_without_output": list(self.missing),
            "inputs_not_read": [{"instance": each.instance, "code": each.code} for each in self.refused],
            "other_files": self.other_files,
            "checks": dict(sorted(Counter(finding.check for finding in self.findings).items())),
            "instances": [
                {
                    "output": pair.output,
                    "instance": pair.instance,
                    "paired_by": pair.by,
                    "findings": [_said(finding) for finding in pair.findings],
                    "notes": [_said(note) for note in pair.notes],
                }
                for pair in self.paired
            ],
            "general": [_said(finding) for finding in self.general],
            "general_notes": [_said(note) for note in self.notes],
            "unknowns": self._unknowns(),
        }

    def _unknowns(self) -> list[dict[str, Any]]:
        """Return what was not understood, equal entries together with the instances that they are in."""
        entries: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for pair in self.paired:
            for each in pair.unknowns:
                entries[each.kind, each.name, each.where].append(pair.instance)
        return [
            {"kind": kind, "name": name, "where": where, "instances": sorted(set(instances))}
            for (kind, name, where), instances in sorted(entries.items())
        ]

    def lines(self) -> list[str]:
        """Return the report as a few lines of text, equal findings counted together."""
        first = (
            f"{self.outputs} outputs against {self.inputs} inputs: {len(self.paired)} paired, "
            f"{len(self.unpaired)} without a known input, {len(self.missing)} inputs without output."
        )
        lines = [first]
        if self.refused:
            lines.append(
                f"{len(self.refused)} inputs could not be read by the verifier; nothing can be said of their outputs."
            )
        counts = Counter((finding.check, finding.where, finding.message) for finding in self.findings)
        lines += [
            f"{count:6d} x {check} {where}: {message}" for (check, where, message), count in counts.most_common(40)
        ]
        if len(counts) > 40:
            lines.append(f"... and {len(counts) - 40} more kinds of findings; see the full report.")
        unknown = Counter(each.kind for pair in self.paired for each in pair.unknowns)
        lines += [f"{count:6d} x not known: {KINDS[kind]}" for kind, count in sorted(unknown.items())]
        noted = Counter(note.message for pair in self.paired for note in pair.notes)
        noted.update(note.message for note in self.notes)
        lines += [f"{count:6d} x note: {message}" for message, count in noted.most_common(20)]
        lines.append("Nothing was found." if self.passed else "The outputs did not pass.")
        return lines


def _said(said: Finding | Note) -> dict[str, str | int]:
    return {
        "check": said.check,
        "rule": said.rule,
        "where": said.where,
        "message": said.message,
        "instance": said.instance,
    }

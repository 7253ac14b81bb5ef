"""The sceptic: reads an output and its input with another parser, and doubts."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from workbench.records.errors import InstanceRefused
from workbench.records.finding import Finding, Note, Unknown
from workbench.records.promise import Promises
from workbench.standard.cid7050 import CODES
from workbench.verify.catalogue import ABSENT, ELEMENTS, instances
from workbench.verify.checks.instances import METHOD_CODES, SOP_CLASS, SOP_INSTANCE, method_codes, pieces
from workbench.verify.checks.redaction import is_redacted
from workbench.verify.days import Move, day_of
from workbench.verify.elements import BULK
from workbench.verify.examination import Examination, Subject
from workbench.verify.generic import fold
from workbench.verify.identity import Identity
from workbench.verify.judging import Judge, Judgement, references
from workbench.verify.needles import Needles
from workbench.verify.pair import Circumstances, Pair, Said, date_mode, of_instance
from workbench.verify.reading import Reader, Reading, own_reader
from workbench.verify.source import FileBytes
from workbench.verify.together import refers
from workbench.verify.waivers import Waivers

STUDY = 0x0020000D
STUDY_DATE = 0x00080020
IN_FILES = "PS3.15 E.2"
A_UID = "a UID"
_OPTIONS = {(code.value, code.scheme): name for name, code in CODES.items()}


class Sceptic:
    """Examines outputs. One per worker: it remembers what it judged before, and keeps buffers.

    Parameters
    ----------
    identity
        Identifying values of all inputs (`merge`); none of them may stand in any output.
    original_uids
        UIDs of all inputs (`merge_uids`).
    promises
        What the profile promised; None for the output of any other tool, which is then held to its own claims.
    claims
        Without promises: the options that all outputs claim to retain, which are then not searched.
    reader
        That of the `Harvester` of the same worker, if there is one.
    """

    def __init__(
        self,
        identity: Identity,
        original_uids: Iterable[str],
        promises: Promises | None = None,
        *,
        claims: frozenset[str] = frozenset(),
        reader: Reader | None = None,
    ) -> None:
        self._arguments = (identity, frozenset(original_uids), promises, claims)
        self._waivers = Waivers.promised(promises) if promises is not None else Waivers.claimed(claims)
        self._needles = Needles(identity, self._arguments[1], self._waivers)
        self._promises = promises
        self._reader = reader or own_reader()
        self._judges: dict[tuple[str, frozenset[str]], Judge] = {}
        self._checks = instances()
        self._codes: dict[bytes, tuple[tuple[str, str], ...]] = {}

    def __reduce__(self) -> tuple[object, tuple[Identity, frozenset[str], Promises | None, frozenset[str]]]:
        """Cross process boundaries without what it remembers."""
        return _sceptic, self._arguments

    def examine(
        self, source: Path, output: Path, instance: int, *, evidence: Mapping[str, bytes] | None = None
    ) -> Examination:
        """Examine the output that was made of a source.

        Parameters
        ----------
        evidence
            Documents that support method codes, by code value (`113105`); the output must name their digests.

        Raises
        ------
        InstanceRefused
            `verifier-cannot-read`, when the source cannot be read. An output that cannot be read is a finding.
        """
        with FileBytes(source) as one:
            before = self._reader.read_again(one)
            try:
                with FileBytes(output) as two:
                    return self._examine(before, self._reader.read(two), instance, evidence or {})
            except InstanceRefused as refusal:
                return _unreadable(before, refusal, instance)

    def search(self, path: Path, name: str) -> list[Finding]:
        """Search a file of any kind and its name: what can be done about a file without a source."""
        kinds = self._kinds(name)
        with FileBytes(path) as file:
            for _offset, data in pieces(file, 0, file.size):
                kinds |= {str(hit.needle.kind or A_UID) for hit in self._needles.in_bytes(data)}
        return [
            Finding("identity-in-files", IN_FILES, "file", _stands(kind, "a file or its name"))
            for kind in sorted(kinds)
        ]

    def search_name(self, name: str, instance: int) -> list[Finding]:
        """Search the name of an output."""
        kinds = sorted(self._kinds(name))
        return [
            Finding("identity-in-files", IN_FILES, "file name", _stands(kind, "the name"), instance) for kind in kinds
        ]

    def _kinds(self, name: str) -> set[str]:
        kinds = {str(kind) for kind in self._needles.in_text(name)}
        written = name.encode("utf-8", "surrogateescape")
        return kinds | {str(hit.needle.kind or A_UID) for hit in self._needles.in_bytes(written)}

    def _examine(self, before: Reading, after: Reading, instance: int, evidence: Mapping[str, bytes]) -> Examination:
        codes = self._method_codes(after)
        options = frozenset(_OPTIONS[code] for code in codes if code in _OPTIONS)
        if self._promises is not None:
            promised = ((code.value, code.scheme) for code in self._promises.codes)
            options = frozenset(_OPTIONS[code] for code in promised if code in _OPTIONS)
        dates = date_mode(self._promises, options)
        judgement = self._judge(after.text(SOP_CLASS), options, dates).dataset(before.elements, after.elements)
        pair = Pair(
            instance,
            before,
            after,
            self._needles,
            self._promises,
            options,
            codes,
            dates=dates,
            moves=judgement.moves,
            evidence=evidence,
        )
        said: list[Said] = [*judgement.findings, *judgement.notes, *judgement.unknowns]
        for check in self._checks:
            said += check.examine(pair)
        findings = tuple(of_instance(each, instance) for each in said if isinstance(each, Finding))
        payload = any(tag in after.by_tag or tag in before.by_tag for tag in BULK)
        differ = any(finding.check in ("pixels-equal", "redaction") for finding in findings) or is_redacted(pair)
        return Examination(
            instance=instance,
            findings=findings,
            sop_instance=after.text(SOP_INSTANCE),
            source_sop_instance=before.text(SOP_INSTANCE),
            study=after.text(STUDY),
            uids=judgement.uids,
            loose=judgement.loose,
            pixels_equal=not differ if payload or differ else None,
            notes=tuple(of_instance(each, instance) for each in said if isinstance(each, Note)),
            unknowns=tuple(of_instance(each, instance) for each in said if isinstance(each, Unknown)),
            subject=_subject(before, after),
            dates=dates,
            moves=judgement.moves,
            study_day=_study_day(before, after),
            sop_class=after.text(SOP_CLASS),
            lost=_lost(before, after, judgement),
        )

    def _method_codes(self, after: Reading) -> tuple[tuple[str, str], ...]:
        element = after.by_tag.get(METHOD_CODES)
        raw = element.items.raw if element is not None and element.items is not None else None
        if raw is None:
            return method_codes(after)
        known = self._codes.get(raw)
        if known is None:
            known = self._codes[raw] = method_codes(after)
        return known

    def _judge(self, sop_class: str, options: frozenset[str], dates: str) -> Judge:
        key = (sop_class, options)
        judge = self._judges.get(key)
        if judge is None:
            if len(self._judges) > 64:
                self._judges.clear()
            around = Circumstances(sop_class, options, self._needles, self._promises, self._waivers, dates)
            judge = self._judges[key] = Judge(ELEMENTS, ABSENT, around)
        return judge


def _sceptic(
    identity: Identity, original_uids: frozenset[str], promises: Promises | None, claims: frozenset[str]
) -> Sceptic:
    return Sceptic(identity, original_uids, promises, claims=claims)


def claims_of(reading: Reading) -> frozenset[str]:
    """Return the options of CID 7050 that an output claims."""
    return frozenset(_OPTIONS[code] for code in method_codes(reading) if code in _OPTIONS)


def _subject(before: Reading, after: Reading) -> Subject:
    person = (fold(before.text(0x00100010)).strip("^ "), before.text(0x00100030))
    return Subject((before.text(0x00100021), before.text(0x00100020)), person, after.text(0x00100020))


def _study_day(before: Reading, after: Reading) -> Move | None:
    one, two = day_of("DA", before.text(STUDY_DATE)), day_of("DA", after.text(STUDY_DATE))
    return Move(one.ordinal, two.ordinal) if one is not None and two is not None else None


def _lost(before: Reading, after: Reading, judgement: Judgement) -> tuple[str, ...]:
    """Return the instances that an object made to refer to others refers to no more."""
    if not refers(after.text(SOP_CLASS)):
        return ()
    there = {old for old, _new in judgement.uids}
    for loose in judgement.loose:
        there.update(loose.before if loose.after else ())
    had = {uid for element in before.elements if element.items is not None for uid in references(element.items)}
    return tuple(sorted(had - there))


def _stands(kind: str, where: str) -> str:
    return f"{kind[0].upper()}{kind[1:]} of the input stands in {where}."


def _unreadable(before: Reading, refusal: InstanceRefused, instance: int) -> Examination:
    finding = Finding("readable", "PS3.10 7", "file", f"The output cannot be read: {refusal.message}", instance)
    return Examination(instance, (finding,), "", before.text(SOP_INSTANCE), "", (), (), None)

"""The claim checker: a method code that input and output contradict is a finding, in both directions.

A code claims that something was done. It is false when what should have gone stands, and as false when what should
have stayed is gone. What each code of CID 7050 is held to is in `contradictions` and in the checks named there.
"""

import json
import re
from collections.abc import Iterator

from workbench.standard.cid7050 import CODES
from workbench.verify.characters import charset_of, decode
from workbench.verify.checks.contradictions import BURNED_IN, CONTRADICTIONS, FEATURES, nothing_to_speak_of
from workbench.verify.checks.instances import method_codes
from workbench.verify.elements import BULK, CHARACTER_SET
from workbench.verify.evidence import CLEAN_PIXELS, document_of, given_evidence, named_evidence
from workbench.verify.pair import Pair, Said, found, noted
from workbench.verify.reading import Reading

WHERE = "(0012,0064)"
METHOD_WHERE = "(0012,0063)"
NAMES = {(code.value, code.scheme): name for name, code in CODES.items()}
SUPPORTED = frozenset({"113101", "113102", "113105"})
"""Codes that input and output alone cannot support."""


def claimed(pair: Pair) -> list[str]:
    """Return the names of the options that this output claims and its input did not (`basic` is one)."""
    inherited = _inherited(pair)
    return [NAMES[code] for code in dict.fromkeys(pair.method_codes) if code in NAMES and code not in inherited]


def _inherited(pair: Pair) -> set[tuple[str, str]]:
    """Return the codes that a former de-identifier answers for; of those that need evidence, none."""
    return {code for code in method_codes(pair.before) if code[0] not in SUPPORTED}


class MethodCodes:
    """The method codes are those of CID 7050, are those that were promised, and belong together."""

    name = "method-codes"
    rule = "PS3.15 E.1.1, PS3.16 CID 7050"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield a finding for each code that is foreign, missing, double, not promised or alone."""
        inherited = _inherited(pair)
        own = [code for code in pair.method_codes if code not in inherited]
        if any(code not in NAMES for code in own):
            yield found(self, WHERE, "A method code is not one of CID 7050.")
        if len(set(pair.method_codes)) != len(pair.method_codes):
            yield found(self, WHERE, "A method code stands twice.")
        if pair.promises is not None:
            promised = {(code.value, code.scheme) for code in pair.promises.codes}
            pixels = {code for code in NAMES if code[0] == CLEAN_PIXELS}
            may = promised | pixels if pair.promises.pixels == "clean" else promised
            # What has no pixels has none to clean, whatever the profile promises.
            must = promised if any(tag in pair.after.by_tag for tag in BULK) else promised - pixels
            if must - set(pair.method_codes):
                yield found(self, WHERE, "A method code that the profile promised is missing.")
            if {code for code in own if code in NAMES} - may:
                yield found(self, WHERE, "A method code claims what the profile did not promise.")
        names = {NAMES[code] for code in pair.method_codes if code in NAMES}
        if names and "basic" not in names:
            yield found(self, WHERE, "An option is claimed without the profile that it belongs to (113100).")
        if {"retain_longitudinal_full_dates", "retain_longitudinal_modified_dates"} <= set(claimed(pair)):
            yield found(self, WHERE, "Full dates (113106) and modified dates (113107) exclude each other.")


class Evidence:
    """A code that only evidence can support names its digest; the document has that digest, and speaks of this output.

    Documents are looked at when they are given: by the code that they support, or by their digest. That of cleaned
    pixels is held against the pixels by `redaction`.
    """

    name = "evidence"
    rule = "PS3.15 E.1.1, E.3.1, E.3.2, E.3.5"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield a finding for a claim without evidence, and for evidence of something else."""
        needed = SUPPORTED | (pair.promises.evidence if pair.promises is not None else frozenset())
        named = named_evidence(pair.after)
        for option in claimed(pair):
            code = CODES[option].value
            if code not in needed:
                continue
            document = document_of(pair, code)
            if code not in named:
                yield found(self, WHERE, f"Code {code} is claimed, and no evidence of it is named.")
            elif document is None and any(True for _each in given_evidence(pair, code)):
                yield found(self, METHOD_WHERE, f"The evidence for code {code} is not the document that is named.")
            elif document is not None and code != CLEAN_PIXELS and not _speaks_of(document, pair.after):
                yield found(self, METHOD_WHERE, f"The evidence for code {code} speaks of another text.")
        for code in sorted(named.keys() - {value for value, _scheme in pair.method_codes}):
            yield found(self, METHOD_WHERE, f"Evidence is named for code {code}, which is not claimed.")


def _speaks_of(document: bytes, after: Reading) -> bool:
    """Whether each text at the top that the document says was left stands in the output."""
    charset = charset_of(element.value if (element := after.by_tag.get(CHARACTER_SET)) is not None else None)
    try:
        entries = [(entry["place"], entry["after"]) for entry in json.loads(document)["cleaned"]]
    except (ValueError, KeyError, TypeError):
        return False
    for place, left in entries:
        match = re.fullmatch(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)", str(place))
        element = after.by_tag.get(int(match[1] + match[2], 16)) if match is not None else None
        if left and element is not None and element.value and str(left) not in decode(element.value, charset):
            return False
    return True


class Claims:
    """What each claimed code says is so, by input and output."""

    name = "claims"
    rule = "PS3.15 E.3, PS3.16 CID 7050"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield a finding for each code that is contradicted, and a note for each that had nothing to speak of."""
        for option in claimed(pair):
            code = CODES[option].value
            for contradiction in CONTRADICTIONS.get(option, ()):
                message = contradiction(pair)
                if message:
                    yield found(self, WHERE, f"Code {code} claims {message}")
            if nothing_to_speak_of(pair, option):
                yield noted(self, WHERE, f"Code {code} is claimed; the input has no attribute that it speaks of.")


class FlagsOfPixels:
    """(0028,0301) and (0028,0302) say NO only where a code says who made it so."""

    name = "pixel-flags"
    rule = "PS3.15 E.3.1, E.3.2"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield a finding for a NO that nobody earned; one of the input is the statement of its maker."""
        names = {NAMES[code] for code in pair.method_codes if code in NAMES}
        for tag, option, message in (
            (BURNED_IN, "clean_pixel_data", "Burned In Annotation says NO, but nobody cleaned the pixels."),
            (
                FEATURES,
                "clean_recognizable_visual_features",
                "Recognizable Visual Features says NO, but nobody cleaned them.",
            ),
        ):
            if pair.after.text(tag) == "NO" and pair.before.text(tag) != "NO" and option not in names:
                yield found(self, f"(0028,{tag & 0xFFFF:04X})", message)

"""Short codes and parameters that are kept by their shape: sequences, measures, levels, tracers, series numbers."""

import re

from workbench.text.folding import fold
from workbench.text.vocabulary import DOUBTFUL, Sort, Vocabulary
from workbench.text.wordlists import listed

UNITS = listed("units")
"""Units that numbers are glued to."""

SPACED_UNITS = listed("spaced units")
"""What a number of four digits may stand before; single letters and words say too little."""

PARAMETERS = listed("parameters")
"""What a number of four digits may follow."""

_UNIT = "|".join(sorted(map(re.escape, UNITS | {"%", "°"}), key=len, reverse=True))
_NUMBER = r"\d{1,4}(?:[.,]\d{1,3})?"
_SHAPES = re.compile(
    "|".join(
        (
            rf"{_NUMBER}(?:{_UNIT})(?:[23])?",
            r"\d{1,3}[.,]\d{1,3}|\d{1,2}\.\d{1,2}\.\d",
            r"\d{1,3}(?:%|\+|st|nd|rd|th|er|e|eme|a|o|x|p|i|b|s)",
            r"\d{1,4}x\d{1,4}(?:x\d{1,3})?(?:mm|cm)?|\d{1,2}(?:[.,]\d{1,2})x\d{1,2}(?:mm|cm)?|x\d{1,2}(?:[.,]\d)?",
            r"t[12](?:rho|\*|w|wi|c|ce|ir|se|fs|tse|fse|ffe|gre|gd|star|map|vol)?\+?(?:c|gd)?|[12]?h1?|31p|13c|23na|19f",
            r"(?:[ctlsd]|th)\d{1,2}(?:[ctlsd]\d{1,2})?",
            r"(?:te|tr|ti|fa|nex|etl|kv|kvp|ma|mas|fov|st|sl|thk|bval|bw|suv|hu|venc)\d{1,4}|b\d{1,4}",
            r"(?:se|ser|im|img|ph|seg|vol|run|seq|acq|ech?|ch|fr|fx|ver|rel|rev|bb|pos|pt|cs|pi|dyn|roi|sub|rec|ws|grp)\d{1,3}",
            r"[a-z]\d{1,2}|[bhiudqst][rvfhi]?\d{2}[fsd]?|[bhiqs][rvfh]\d{2}[fs]?\d?|v[abcde]\d{1,2}[a-z]?|[a-z]{2}\d{1,2}",
            r"(?:f|c|n|o|i|y|ga|tc|in|lu|rb|zr|cu|tl|xe|sr|ra|sm|ac|re|ho|kr|cr|co|fe|na|p)(?:\d{1,3})m?",
            r"\d{1,3}m?(?:f|c|n|o|i|y|ga|tc|in|lu|rb|zr|cu|tl|xe|sr|ra|sm|ac|re|ho|kr|cr|co|fe|na)",
            r"ap?[2-5]ch?",
            r"\d{1,2}w(?:\d{1,2}d)?|99m|81m|me2d1r\d|m?[2345]d|(?:ep|fl|se|tse|fi|tfl|gre|ir|spc|tof|pc|tfe|ffe)[23]d\d?|[2345]dt[12]w?|[1234]ch|[12345]v|\d{1,2}(?:ph|wk|yo|mo|ch|sl|vw|fx)|g\d{1,2}p\d{1,2}(?:a\d)?|h\d\d?e\d\d?",
            r"(?:hd|ml|nx|dv|vx|mr|ct|pet)\d{2}|e\d\d|c[12345]-?\d|l\d\d|ec\d-\d",
        )
    )
)
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_VOLUME = re.compile(r"^[234][dD](?=[^\W\d_]{2})")
_MARKED = re.compile(r"[*+%]$")


def is_shape(word: str) -> bool:
    """Tell whether a word with digits in it has the shape of a parameter or a short code. Five digits never have."""
    plain = fold(word)
    return _longest_run(plain) <= 4 and _SHAPES.fullmatch(plain) is not None


def is_numbered(word: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a word is made of known words and short numbers: `AXIAL2`, `GRAPPA2`, `3dflair`."""
    parts = _PARTS.findall(_VOLUME.sub("", _MARKED.sub("", word)))
    letters = [part for part in parts if not part.isdigit()]
    digits = [part for part in parts if part.isdigit()]
    if not letters or len(parts) > 5 or any(len(part) > 3 for part in digits) or sum(map(len, digits)) > 4:
        return False
    return all(_is_safe(part, vocabulary) for part in letters) and any(len(part) > 1 for part in letters)


def _is_safe(part: str, vocabulary: Vocabulary) -> bool:
    if len(part) == 1:
        return part.lower() in "tdwcpsx"
    sort = vocabulary.sort(part)
    return bool(sort & Sort.KNOWN) and not sort & DOUBTFUL & ~Sort.SOFT


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"\d+", text)), default=0)

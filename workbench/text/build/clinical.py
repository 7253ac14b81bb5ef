"""Write `data/vocabulary.txt.gz`, what the cleaner of free text knows, from the lists next to this script.

Run: `python -m workbench.text.build.clinical`. The lists are clinical_*.txt (words of the field by language),
devices.txt, report_en.txt (everyday words, which support no other word), ambiguous.txt (words that are names as well),
collocations.txt (fixed phrases), combining_forms.txt and german_compounds.txt (parts of words); the known-safe terms of
`workbench.text.build.vocabulary` are part of it.
"""

import gzip
from itertools import product
from pathlib import Path

from workbench.text.build import vocabulary
from workbench.text.folding import fold, forms, is_wordless
from workbench.text.tokens import MONTHS, tokens

HERE = Path(__file__).parent
TARGET = HERE.parent / "data" / "vocabulary.txt.gz"
_FOREIGN = ("clinical_de.txt", "clinical_fr.txt", "clinical_es.txt")


def main() -> None:
    """Write the file."""
    with TARGET.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0, filename="") as out:
        out.write(render().encode())


def render() -> str:
    """Return the text of the file: a section a line, its name first."""
    terms = dict(line.split("\t", 1) for line in vocabulary.render().splitlines()[1:])
    ambiguous = _marked("ambiguous.txt")
    doubtful = {word for name in ("soft", "hard", "attribute", "capitals") for word in ambiguous[name]}
    clinical = _words("clinical_en.txt") | _words("clinical_more.txt") | _words("devices.txt")
    for name in _FOREIGN:
        for word in _words(name):
            clinical.add(word)
            clinical |= {form for form in forms(word) if form not in doubtful or form == word}
    inflected = clinical - _words("devices.txt")
    plain = (_words("report_en.txt") | set(terms["words"].split("\t"))) - clinical
    known = {word for word in clinical | plain if word not in MONTHS or word == "mar"}
    sections = {
        "clinical": {word for word in clinical if word in known},
        "terms": {word for word in inflected if word in known and len(word) > 5},
        "plain": {word for word in plain if word in known},
        **{name: {word for word in words if name in ("common", "particles") or word in known or name == "hard"}
           for name, words in ambiguous.items()},
        "phrases": _phrases() | set(terms["phrases"].split("\t")),
        "cjk": {word for word in _words("clinical_cjk.txt") if is_wordless(word)},
        **_marked("combining_forms.txt"),
        **{name: {form for word in words for form in (word, *forms(word))}
           for name, words in _marked("german_compounds.txt").items()},
    }  # fmt: skip
    return "".join(f"{name}\t" + "\t".join(sorted(words)) + "\n" for name, words in sections.items())


def _lines(name: str) -> list[str]:
    return [line for line in (HERE / name).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]


def _words(name: str) -> set[str]:
    return {word.lower() for line in _lines(name) for word in line.split()}


def _marked(name: str) -> dict[str, set[str]]:
    """Read lists whose lines begin with the name of a section and a colon."""
    sections: dict[str, set[str]] = {}
    for line in _lines(name):
        section, _, words = line.partition(": ")
        sections.setdefault(section, set()).update(words.split())
    return sections


def _phrases() -> set[str]:
    """Read collocations: alternatives divided by bars; with a plus, each of the first beside each of the last."""
    found = set()
    for line in _lines("collocations.txt"):
        first, _, last = line.partition(" + ")
        tails = [f" {tail}" for tail in last.split("|")] if last else [""]
        found |= {" ".join(tokens(fold(head + tail))) for head, tail in product(first.split("|"), tails)}
    return {phrase for phrase in found if phrase}


if __name__ == "__main__":
    main()

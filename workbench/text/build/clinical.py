"""Write `data/vocabulary.txt.gz`, what the cleaner of free text knows, from the lists next to this script.

Run: `python -m workbench.text.build.clinical`. The lists are clinical_*.txt (words of the field by language),
hospital_en.txt (what is typed at the bedside), devices.txt,
report_en.txt, everyday_en.txt and diseases.txt (words which support no other word), ambiguous.txt
(words that are names as well), collocations.txt (fixed phrases), combining_forms.txt and german_compounds.txt (parts
of words); the known-safe terms of `workbench.text.build.vocabulary` are part of it.
"""

import gzip
from itertools import product
from pathlib import Path

from workbench.text.build import vocabulary
from workbench.text.folding import fold, forms, is_wordless
from workbench.text.tokens import MONTHS, tokens

HERE = Path(__file__).parent
TARGET = HERE.parent / "data" / "vocabulary.txt.gz"
_FOREIGN = {"clinical_de.txt": "de", "clinical_fr.txt": "fr", "clinical_es.txt": "es"}

Rule = tuple[str, tuple[str, ...], int]
"""Words that end like this (and have so many letters) have these forms; `-` takes off the last letter first."""

_ENGLISH: tuple[Rule, ...] = (
    ("e", ("s", "d", "-ing"), 4),
    ("y", ("-ies", "-ied", "ing", "s"), 4),
    ("sh", ("es", "ed", "ing"), 4),
    ("ch", ("es", "ed", "ing"), 4),
    ("ss", ("es", "ed", "ing"), 4),
    ("x", ("es", "ed", "ing"), 4),
    ("", ("s", "ed", "ing", "ly"), 4),
)
_DOUBLED = frozenset("bdgmnprt")
_VOWELS = frozenset("aeiou")
_ADJECTIVES = (
    "ig", "isch", "lich", "end", "iert", "al", "är", "bar", "ell", "iv", "ös", "haft", "los", "nd", "ert", "elt", "ent",
)  # fmt: skip
_FORMS: dict[str, tuple[Rule, ...]] = {
    "de": (
        *((ending, ("e", "er", "en", "es", "em"), 5)
        for ending in _ADJECTIVES),
        ("e", ("n", "r", "s"), 6), ("ung", ("en",), 6), ("ion", ("en",), 6), ("ie", ("n",), 6),
    ),
    "fr": (
        ("e", ("s",), 4), ("al", ("e", "es", "-ux"), 4), ("if", ("s", "-ve", "-ves"), 4), ("s", (), 4),
        ("", ("s", "e", "es"), 5),
    ),
    "es": (
        ("o", ("s", "-a", "-as"), 4), ("a", ("s", "-o", "-os"), 4), ("e", ("s",), 4), ("s", (), 4), ("", ("es",), 5),
    ),
}  # fmt: skip


def main() -> None:
    """Write the file."""
    with TARGET.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0, filename="") as out:
        out.write(render().encode())


def render() -> str:
    """Return the text of the file: a section a line, its name first."""
    terms = dict(line.split("\t", 1) for line in vocabulary.render().splitlines()[1:])
    ambiguous = _marked("ambiguous.txt")
    languages = _by_language("foreign_more.txt")
    doubtful = {word for name in ("soft", "hard", "attribute", "capitals") for word in ambiguous[name]}
    english = _words("clinical_en.txt") | _words("clinical_more.txt")
    hospital = _words("hospital_en.txt")
    clinical = english | hospital | _views() | _words("devices.txt") | _inflections(english, _ENGLISH)
    for name, language in _FOREIGN.items():
        foreign = _words(name) | languages[language]
        for word in foreign | _inflections(foreign, _FORMS[language]):
            clinical.add(word)
            clinical |= {form for form in forms(word) if form not in doubtful or form == word}
    compounds = _marked("german_compounds.txt")
    clinical |= {form for word in compounds["first"] for form in (word, *forms(word)) if form not in doubtful}
    everyday = _words("report_en.txt") | _words("everyday_en.txt")
    plain = (
        everyday | _inflections(everyday, _ENGLISH) | _words("diseases.txt") | set(terms["words"].split("\t"))
    ) - clinical
    known = {word for word in clinical | plain if word not in MONTHS or word in {"mar", "oct", "may"}}
    plainly = clinical - doubtful
    sections = {
        "clinical": {word for word in clinical if word in known},
        "plain": {word for word in plain if word in known},
        **{name: {word for word in words if name in ("common", "particles") or word in known or name == "hard"}
           for name, words in ambiguous.items()},
        "phrases": _phrases() | {term for term in terms["phrases"].split("\t") if _says_more(term, plainly)},
        "cjk": {word for word in _words("clinical_cjk.txt") if is_wordless(word)},
        **_marked("combining_forms.txt"),
        **{name: {form for word in words for form in (word, *forms(word))}
           for name, words in compounds.items()},
    }  # fmt: skip
    return "".join(f"{name}\t" + "\t".join(sorted(words)) + "\n" for name, words in sections.items())


def _views() -> set[str]:
    """Return the views of mammography and echocardiography, with side and modifier: `LXCCL`, `RCCID`, `A4C`."""
    views = ("cc", "mlo", "ml", "lm", "lmo", "xccl", "xccm", "fb", "sio", "iso", "at", "cv", "rlc", "llc")
    modifiers = ("", "id", "s", "m", "sm", "rl", "rm", "ri", "rs", "tan", "np", "af", "ax", "spot", "mag", "tomo")
    breast = {
        side + view + modifier
        for side, view, modifier in product(("l", "r", ""), views, modifiers)
        if view != "at" or (side and modifier)
    }
    apical = {f"{window}{chambers}{ending}" for window in ("a", "ap") for chambers in "2345" for ending in ("c", "ch")}
    return {view for view in breast if len(view) > 2 or view in {"cc", "ml", "lm"}} | apical | {
        "plax", "psax", "sax", "lax", "aplax", "alax", "rvot", "lvot", "ssn", "rvif", "subc"
    }  # fmt: skip


def _lines(name: str) -> list[str]:
    return [line for line in (HERE / name).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]


def _words(name: str) -> set[str]:
    return {word.lower() for line in _lines(name) for word in line.split()}


def _says_more(term: str, clinical: set[str]) -> bool:
    """Tell whether a term has a plain word of the field in it, so that it cannot be a person."""
    return any(len(word) > 2 and word in clinical for word in term.split())


def _by_language(name: str) -> dict[str, set[str]]:
    """Read a list whose comments say the language of what follows."""
    found: dict[str, set[str]] = {}
    language = ""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            language = line[2:]
        else:
            found.setdefault(language, set()).update(line.lower().split())
    return found


def _inflections(words: set[str], rules: tuple[Rule, ...]) -> set[str]:
    """Return the forms that the first rule that fits gives to each word."""
    found = set()
    for word in words:
        for ending, added, letters in rules:
            if word.endswith(ending) and len(word) >= letters and word.isalpha():
                found |= {_with(word, form) for form in added}
                break
        if (
            rules is _ENGLISH
            and len(word) > 2
            and word[-1] in _DOUBLED
            and word[-2] in _VOWELS
            and word[-3] not in _VOWELS
        ):
            found |= {word + word[-1] + form for form in ("ed", "ing")}
    return found


def _with(word: str, form: str) -> str:
    return word[:-1] + form[1:] if form.startswith("-") else word + form


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

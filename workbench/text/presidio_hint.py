"""Presidio as one hint among several: our recognisers as its own, and the names that its language model sees.

Presidio is the optional extra `text`: it brings spaCy, some 300 MB, and takes seconds to import, so it is imported when
a hint is made, and nothing needs it. It runs without a language model by default, and never downloads one. What it
finds can only drop words; of what a model takes for names, the plain words of the field stay.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from workbench.records.errors import UsageError
from workbench.text.cutting import cut
from workbench.text.hints import Span
from workbench.text.recognisers import A_PLACE, PATTERNS, Pattern
from workbench.text.vocabulary import DOUBTFUL, Sort, default

_LANGUAGE = "en"
_MODELLED = {"PERSON": "a name", "LOCATION": A_PLACE}
"""What is taken from a language model. Organisations are not: models take CT and FLAIR for some."""

_LONGEST = 100_000


class PresidioHint:
    """Presidio's analyzer as a `workbench.text.hints.Hint`. Can be pickled.

    Parameters
    ----------
    model
        Name of an installed spaCy model, or the directory of one; None: patterns only.

    Raises
    ------
    UsageError
        `presidio-not-installed`, when the extra `text` is missing; `language-model-not-installed`.
    """

    name = "presidio"

    def __init__(self, model: str | Path | None = None) -> None:
        self._model = model
        self._analyzer = _analyzer(model)
        self._reasons = {_entity(each): each.reason for each in PATTERNS}

    def __reduce__(self) -> tuple[type["PresidioHint"], tuple[str | Path | None]]:
        """Pickle the hint as what it is made from."""
        return type(self), (self._model,)

    def spans(self, text: str) -> Iterator[Span]:
        """Yield what Presidio finds."""
        found = self._analyzer.analyze(
            text=text[:_LONGEST].replace("_", " "), language=_LANGUAGE, entities=[*self._reasons, *_MODELLED]
        )
        for result in sorted(found, key=lambda each: (each.start, each.end, each.entity_type)):
            by = f"{self.name} {result.entity_type.lower().replace('_', ' ')}"
            reason = self._reasons.get(result.entity_type)
            if reason is not None:
                yield Span(result.start, result.end, reason, result.score, by)
                continue
            for start, end in _not_plain(text, result.start, result.end):
                yield Span(start, end, _MODELLED[result.entity_type], result.score, by)


def _not_plain(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the words of a part of a text but those that are plainly of the field."""
    vocabulary = default()
    for piece in cut(text, vocabulary):
        sort = vocabulary.sort(piece.text)
        plain = piece.known or (sort & Sort.CLINICAL and not sort & DOUBTFUL)
        if piece.start < end and piece.end > start and not plain:
            yield piece.start, piece.end


def _entity(pattern: Pattern) -> str:
    return "".join(character if character.isalnum() else "_" for character in pattern.name.upper())


def _analyzer(model: str | Path | None) -> Any:
    """Make an analyzer with our recognisers, and a language model if one is given."""
    try:
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # noqa: PLC0415 - optional and slow to import
        from presidio_analyzer.predefined_recognizers import SpacyRecognizer  # noqa: PLC0415 - the same
    except ImportError as error:
        raise UsageError(
            "presidio-not-installed",
            "Presidio is not installed.",
            "Install the extra: pip install 'deid-workbench[text]'.",
        ) from error
    recognisers = [_recogniser(each) for each in PATTERNS]
    if model is not None:
        recognisers.append(SpacyRecognizer(supported_language=_LANGUAGE, supported_entities=list(_MODELLED)))
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=recognisers, supported_languages=[_LANGUAGE]),
        nlp_engine=_nlp_engine(model),
        supported_languages=[_LANGUAGE],
    )


@cache
def _recogniser_class() -> Any:
    from presidio_analyzer import PatternRecognizer  # noqa: PLC0415 - optional and slow to import

    class GroupRecogniser(PatternRecognizer):
        """A pattern recogniser whose group `it`, if it has one, is what identifies."""

        def __init__(self, ours: Pattern) -> None:
            from presidio_analyzer import Pattern as Theirs  # noqa: PLC0415 - optional and slow to import

            super().__init__(
                supported_entity=_entity(ours),
                name=ours.name,
                supported_language=_LANGUAGE,
                patterns=[Theirs(ours.name, ours.expression.pattern, ours.score)],
                global_regex_flags=int(ours.expression.flags),
            )
            self._ours = ours

        def analyze(
            self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: Any = None
        ) -> list[Any]:
            found = super().analyze(text, entities, nlp_artifacts, regex_flags)
            if "it" not in self._ours.expression.groupindex:
                return list(found)
            inner = {match.span(): match.span("it") for match in self._ours.expression.finditer(text) if match["it"]}
            for result in found:
                result.start, result.end = inner.get((result.start, result.end), (result.start, result.end))
            return list(found)

    return GroupRecogniser


def _recogniser(ours: Pattern) -> Any:
    return _recogniser_class()(ours)


def _nlp_engine(model: str | Path | None) -> Any:
    """Return spaCy with the model, or with a tokenizer and nothing more."""
    import spacy  # noqa: PLC0415 - optional and slow to import
    from presidio_analyzer.nlp_engine import SpacyNlpEngine  # noqa: PLC0415 - the same

    if model is not None and not (Path(model).is_dir() or spacy.util.is_package(str(model))):
        raise UsageError(
            "language-model-not-installed", "This spaCy model is not installed.", "Install it, or give its directory."
        )
    name = str(model) if model is not None else ""
    engine: Any = SpacyNlpEngine(models=[{"lang_code": _LANGUAGE, "model_name": name}])
    # Loaded here: the engine's own `load` downloads a model that is missing.
    engine.nlp = {_LANGUAGE: spacy.load(name) if name else spacy.blank(_LANGUAGE)}
    return engine

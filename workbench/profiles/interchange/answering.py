"""The answer to each line of a recipe: what the profile made of it, and why."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbench.profiles.interchange.effects import Effect, Read
from workbench.profiles.interchange.fields import Meant, Private
from workbench.profiles.interchange.outcomes import Outcome
from workbench.profiles.interchange.recipe import Line, Part, Recipe
from workbench.profiles.interchange.report import Answer, Answered, Status
from workbench.records.path import format_path
from workbench.standard import safe_private
from workbench.standard.dictionary import keyword_of

_PIXELS = "it belongs to a filter on images and pixel regions; `workbench pixels rules import` takes those"
_VALUES = (
    "a profile decides by attribute and not by value; the verifier searches every output for all values that identify "
    "the patient, wherever they stand"
)
_COMMENTED = "deid takes the comment for a condition that never holds, and removes nothing; here it goes"


@dataclass(frozen=True, slots=True)
class Work:
    """A recipe, what it does, what becomes of it, and the private attributes that are kept."""

    recipe: Recipe
    done: Read
    effects: Mapping[tuple[int, ...], Effect]
    outcomes: Mapping[tuple[int, ...], Outcome]
    kept: Mapping[Private, Line]

    def meaning(self, line: Line) -> Meant:
        """Return what the field of an action means."""
        return self.done.meanings[line.number]


def answer(line: Line, work: Work) -> Answered:
    """Answer for one line."""
    match line.part:
        case Part.OTHER:
            answers = [Answer(Status.NO_EFFECT, line.problem)]
        case Part.FILTER:
            answers = [Answer(Status.NO_EFFECT, line.problem) if line.problem else Answer(Status.NOT_MAPPED, _PIXELS)]
        case Part.LIST:
            answers = [_of_list(line, work.recipe)]
        case Part.ACTION:
            answers = list(_of_action(line, work))
    return Answered(line.number, line.text, tuple(answers))


def _of_list(line: Line, recipe: Recipe) -> Answer:
    users = [each.number for each in recipe.actions() if each.field.split(":", 1) == [line.section, line.name]]
    if not users:
        return Answer(Status.NO_EFFECT, "no action refers to the list")
    where = f"line {', '.join(map(str, users))}"
    if line.section == "fields":
        return Answer(Status.MAPPED, f"taken up by {where}, which answers for it")
    return Answer(Status.NOT_MAPPED, f"a list of values to search for, see {where}")


def _of_action(line: Line, work: Work) -> Iterator[Answer]:
    meaning = work.meaning(line)
    if meaning.problem or meaning.nothing:
        yield Answer(Status.NOT_MAPPED if meaning.problem else Status.NO_EFFECT, meaning.problem or meaning.nothing)
    elif meaning.values:
        yield Answer(Status.NOT_MAPPED, _VALUES)
    elif line.verb == "KEEP" and line.field.startswith("fields"):
        yield Answer(Status.NO_EFFECT, "deid protects nothing that a list names")
    else:
        yield from _of_condition(line)
        yield from _by_reason(line, meaning, work)
        yield from (_of_private(line, place, work) for place in meaning.private)
        if meaning.everything or meaning.nameless:
            status = Status.SAME if line.verb in ("REMOVE", "BLANK") else Status.STRICTER
            yield Answer(status, "what no dictionary knows, and all private attributes, are removed")


def _of_condition(line: Line) -> Iterator[Answer]:
    """Answer for a REMOVE that deid makes depend on something."""
    if line.verb != "REMOVE":
        return
    if line.commented:
        yield Answer(Status.STRICTER, _COMMENTED)
    elif (line.value or "").startswith(("func:", "deid_func:", "var:")):
        yield Answer(Status.STRICTER, "a program decides under deid whether it goes; here it always goes")


def _by_reason(line: Line, meaning: Meant, work: Work) -> Iterator[Answer]:
    """Group the attributes of a line by what became of them."""
    groups: dict[tuple[Status, str], list[str]] = defaultdict(list)
    places: list[tuple[int, ...]] = [(tag,) for tag in sorted(meaning.tags)]
    for place in [*places, meaning.path] if meaning.path else places:
        effect = work.effects.get(place)
        name = "/".join(map(keyword_of, place)) or format_path(place)
        if effect is None or effect.line.number != line.number:
            decided = f"line {effect.line.number} decides" if effect else "deid never touches it"
            groups[Status.NO_EFFECT, decided].append(name)
        else:
            groups[work.outcomes[place].status, work.outcomes[place].reason].append(name)
    yield from (Answer(status, reason, tuple(names)) for (status, reason), names in groups.items())


def _of_private(line: Line, place: Private, work: Work) -> Answer:
    names = (f'({place[0]:04X},"{place[1]}",{place[2]:02X})',)
    if line.verb != "KEEP":
        status = Status.SAME if line.verb in ("REMOVE", "BLANK") else Status.STRICTER
        return Answer(status, "all private attributes are removed", names)
    if place in work.kept:
        return Answer(Status.MAPPED, "kept, and signed for: PS3.15 lists it as safe", names)
    if safe_private.find(*place) is not None:
        reason = "removed: PS3.15 lists it as safe, but a KEEP needs somebody who signs for it (--signed)"
        return Answer(Status.STRICTER, reason, names)
    reason = "removed: PS3.15 does not list it as safe, and nobody can say what is in it"
    return Answer(Status.STRICTER, reason, names)

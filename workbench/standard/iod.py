"""Types of attributes in the IODs of PS3.3, by SOP class, at any nested place.

The data (`data/iod.txt.gz`, written by `workbench.standard.build.iod`) is a graph of data set levels in which equal
levels are one node, so that a level is parsed only when somebody asks for an attribute on it.
"""

import zlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

CONTENT_SEQUENCE = 0x0040A730

_ORDER = {"3": 0, "2C": 1, "2": 2, "1C": 3, "1": 4}

Entry = tuple[str, int]
"""Type of an attribute, and the node of its items (-1: none)."""


class Module(NamedTuple):
    """A module in an IOD: its usage there (M mandatory, C conditional, U user option) and its top node."""

    name: str
    usage: str
    node: int


class Place(NamedTuple):
    """An attribute where one module of the IOD puts it."""

    module: str
    usage: str
    type: str


class _Graph:
    """The decompressed data; nodes are parsed when first asked."""

    __slots__ = ("_iods", "_lines", "_nodes", "classes", "title")

    def __init__(self, text: str) -> None:
        head, _, nodes = text.partition("\nnodes\n")
        self._lines = nodes.split("\n")
        self._nodes: dict[int, dict[int, Entry]] = {}
        self.classes: dict[str, str] = {}
        self._iods: dict[str, str] = {}
        self.title, *rest = head.split("\n")
        for line in rest:
            kind, name, value = line.split(" ", 2)
            (self.classes if kind == "class" else self._iods)[name] = value

    def modules(self, sop_class: str) -> tuple[Module, ...]:
        """Return the modules of the IOD of a SOP class; none when it is not known."""
        modules = self._iods.get(self.classes.get(sop_class, ""), "")
        split = (each.split(":") for each in modules.split())
        return tuple(Module(name, usage, int(node)) for name, usage, node in split)

    def node(self, number: int) -> dict[int, Entry]:
        """Return the attributes of one level."""
        found = self._nodes.get(number)
        if found is None:
            found = {}
            for part in self._lines[number].split():
                tag, kind, *child = part.split(":")
                found[int(tag, 16)] = (kind, int(child[0]) if child else -1)
            self._nodes[number] = found
        return found

    def find(self, root: int, tag_path: tuple[int, ...]) -> str | None:
        """Return the type of the attribute at the end of the path below a node.

        Content items nest in content items without end (PS3.3 C.17.3), which no finite map can list: where it stops,
        the level above stands in.
        """
        number, above = root, -1
        for tag in tag_path[:-1]:
            child = self.node(number).get(tag, ("", -1))[1]
            if child < 0 and tag == above == CONTENT_SEQUENCE:
                child = number
            if child < 0:
                return None
            number, above = child, tag
        entry = self.node(number).get(tag_path[-1])
        if entry is None and tag_path[-1] == above == CONTENT_SEQUENCE:
            return "1C"
        return entry[0] if entry else None


@cache
def _graph() -> _Graph:
    data = (Path(__file__).parent / "data" / "iod.txt.gz").read_bytes()
    return _Graph(zlib.decompress(data, wbits=31).decode())


@cache
def _modules(sop_class: str) -> tuple[Module, ...]:
    return _graph().modules(sop_class)


def known_sop_class(uid: str) -> bool:
    """Tell whether the IOD of this SOP class is known."""
    return uid in _graph().classes


def iod_of(uid: str) -> str | None:
    """Return the name of the IOD of a SOP class, for example `enhanced-ct-image`."""
    return _graph().classes.get(uid)


def places(sop_class: str, tag_path: tuple[int, ...]) -> tuple[Place, ...]:
    """Return every module of the IOD that has the attribute at this place, with its type there."""
    graph = _graph()
    found = ((module, graph.find(module.node, tag_path)) for module in _modules(sop_class))
    return tuple(Place(module.name, module.usage, kind) for module, kind in found if kind is not None)


def attribute_type(sop_class: str, tag_path: tuple[int, ...]) -> str | None:
    """Return the strongest type (`1`, `1C`, `2`, `2C`, `3`) of the attribute at this place in the IOD of the SOP class.

    None when the IOD is not known or does not have the attribute there. Modules count whatever their usage: an
    attribute that is there shows that its module is.
    """
    return max((place.type for place in places(sop_class, tag_path)), key=_ORDER.__getitem__, default=None)


def removable(sop_class: str, tag_path: tuple[int, ...]) -> bool:
    """Tell whether an attribute at the top is all that a module requires, and the IOD does not mandate the module.

    Removing such an attribute leaves the module out, and the object valid. A conditional module counts only when the
    attribute is a sequence: its condition is then that there is something to put into it.
    """
    if len(tag_path) != 1:
        return False
    graph = _graph()
    holders = [(module, graph.node(module.node)) for module in _modules(sop_class)]
    holders = [(module, level) for module, level in holders if tag_path[0] in level]
    return bool(holders) and all(_left_out(module, level, tag_path[0]) for module, level in holders)


def _left_out(module: Module, level: dict[int, Entry], tag: int) -> bool:
    kind, child = level[tag]
    if kind == "3":
        return True
    if module.usage == "M" or (module.usage == "C" and child < 0):
        return False
    return all(other == tag or entry[0] == "3" for other, entry in level.items())

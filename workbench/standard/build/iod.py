"""Write `data/iod.txt.gz`: the types of all attributes of all IODs, from the maps that highdicom carries.

Modules, functional group macros and nested sequences repeat each other thousands of times. So each data set level is
a *node*, written once and named by its position: a line of `tag:type` or `tag:type:node` for sequences with content.
99,740 attribute rows shrink to a few thousand nodes that are parsed one at a time, when asked.

Format: a title line; lines `class UID IOD`; lines `iod NAME MODULE:USAGE:NODE ...`; then the nodes, line by line.

Run: `python -m workbench.standard.build.iod`.
"""

import gzip
import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from workbench.standard.dictionary import tag_of

TARGET = Path(__file__).resolve().parents[1] / "data" / "iod.txt.gz"

RETIRED_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.3": "1.2.840.10008.5.1.4.1.1.3.1",
    "1.2.840.10008.5.1.4.1.1.5": "1.2.840.10008.5.1.4.1.1.20",
    "1.2.840.10008.5.1.4.1.1.6": "1.2.840.10008.5.1.4.1.1.6.1",
    "1.2.840.10008.5.1.4.1.1.12.3": "1.2.840.10008.5.1.4.1.1.12.1",
}
"""Retired storage classes whose objects follow, as far as it goes, the IOD of the class that replaced them."""

_STRENGTH = {"3": 0, "2C": 1, "2": 2, "1C": 3, "1": 4}

Level = dict[int, tuple[str, "Level"]]


class Nodes:
    """Levels of data sets, each distinct one once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._numbers: dict[str, int] = {}

    def add(self, level: Level) -> int:
        """Return the number of the node of this level; children come before parents."""
        parts = []
        for tag, (kind, content) in sorted(level.items()):
            child = f":{self.add(content)}" if content else ""
            parts.append(f"{tag:08X}:{kind}{child}")
        line = " ".join(parts)
        if line not in self._numbers:
            self._numbers[line] = len(self.lines)
            self.lines.append(line)
        return self._numbers[line]


def main() -> None:
    """Write the file."""
    with TARGET.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0, filename="") as out:
        out.write(render().encode())


def render() -> str:
    """Return the text of the file."""
    folder = files("highdicom") / "_standard"
    classes, iods, modules = (
        json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("sop_class_iod_map", "iod_module_map", "module_attribute_map")
    )
    nodes = Nodes()
    roots = {name: nodes.add(_level(rows)) for name, rows in sorted(modules.items())}
    source = f"PS3.3 as in the maps of highdicom {version('highdicom')} (MIT), edition 2026"
    lines = [f"# Types of attributes by IOD. {source}. Written by workbench.standard.build.iod; do not edit."]
    lines += [f"class {uid} {name}" for uid, name in sorted(classes.items())]
    lines += [f"class {old} {classes[new]}" for old, new in sorted(RETIRED_CLASSES.items()) if old not in classes]
    for name, used in sorted(iods.items()):
        parts = (f"{item['key']}:{item['usage']}:{roots[item['key']]}" for item in used if item["key"] in roots)
        lines.append(f"iod {name} {' '.join(parts)}")
    lines.append("nodes")
    return "\n".join(lines + nodes.lines) + "\n"


def _level(rows: list[dict[str, Any]]) -> Level:
    """Return the nested attributes of a module. Where a place is listed twice the stronger type counts."""
    top: Level = {}
    for row in rows:
        tags = [tag_of(keyword) for keyword in (*row["path"], row["keyword"])]
        if any(tag is None for tag in tags):
            continue  # overlay attributes of the repeating groups 60xx, which a plan removes by group
        level = top
        for tag in tags[:-1]:
            assert tag is not None  # noqa: S101 - for the type checker, see the check above
            level = level.setdefault(tag, ("3", {}))[1]
        last = tags[-1]
        assert last is not None  # noqa: S101 - as above
        kind = row["type"] if row["type"] in _STRENGTH else "3"
        former, content = level.get(last, ("3", {}))
        level[last] = (max(kind, former, key=_STRENGTH.__getitem__), content)
    return top


if __name__ == "__main__":
    main()

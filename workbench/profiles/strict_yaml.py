"""YAML as profiles use it: maps, lists, text, whole numbers, true and false, and nothing else.

Anchors, tags, duplicate keys and more than one document are refused. Unlike YAML 1.1, `off` and `no` are words and a
date or `0012` stays text: a profile says what it shows.
"""

import re
from typing import TypeAlias

import yaml

from workbench.records.errors import ProfileError

Value: TypeAlias = "dict[str, Value] | list[Value] | str | int | bool | None"

LIMIT = 512 * 1024
_DEPTH = 12
_INT = re.compile(r"0|[1-9][0-9]{0,8}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str) -> Value:
    """Return the value of one YAML document.

    Raises
    ------
    ProfileError
        `profile-not-yaml` with the line, when the text is not YAML or uses what profiles do not allow.
    """
    if len(text) > LIMIT:
        raise ProfileError("profile-not-yaml", "The profile is longer than 512 KiB.", "Check that it is a profile.")
    loader = _LOADER(text)
    try:
        if any(isinstance(token, yaml.AliasToken | yaml.AnchorToken | yaml.TagToken) for token in _tokens(text)):
            raise _refused(0, "anchors, aliases and tags are not allowed")
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _refused(mark.line if mark else 0, "this is not valid YAML") from None
    finally:
        loader.dispose()
    if node is None:
        raise _refused(0, "the file is empty")
    return _value(node, 0)


def _tokens(text: str) -> list[object]:
    if not re.search(r"[&*!]", text):
        return []
    return list(yaml.scan(text, Loader=_LOADER))


def _value(node: yaml.Node, depth: int) -> Value:
    if depth > _DEPTH:
        raise _refused(node.start_mark.line, "too many levels")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, depth)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, depth + 1) for item in node.value]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, depth: int) -> dict[str, Value]:
    result: dict[str, Value] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _refused(key.start_mark.line, "a key must be a word")
        if key.value in result:
            raise _refused(key.start_mark.line, "a key is there twice")
        result[key.value] = _value(value, depth + 1)
    return result


def _scalar(node: yaml.Node) -> str | int | bool | None:
    text = str(node.value)
    if getattr(node, "style", None) not in {None, ""}:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INT.fullmatch(text) else text


def _refused(line: int, problem: str) -> ProfileError:
    return ProfileError(
        "profile-not-yaml",
        f"The profile cannot be read at line {line + 1}: {problem}.",
        "Correct the line and try again.",
    )

"""The document of `workbench verify --json`: its JSON schema, from which the documentation is written."""

from typing import Any

from workbench.verify.report import FORMAT

_SAID: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["check", "rule", "where", "message", "instance"],
        "additionalProperties": False,
        "properties": {
            "check": {"type": "string"},
            "rule": {"type": "string"},
            "where": {"type": "string"},
            "message": {"type": "string"},
            "instance": {"type": "integer"},
        },
    },
}


def _count(meaning: str) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "description": meaning}


def _numbers(meaning: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "integer"}, "description": meaning}


def _counts(meaning: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": {"type": "integer"}, "description": meaning}


def _objects(meaning: str, **properties: dict[str, Any]) -> dict[str, Any]:
    item = {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }
    return {"type": "array", "items": item, "description": meaning}


def schema() -> dict[str, Any]:
    """Return the JSON schema (2020-12) of the document."""
    properties: dict[str, Any] = {
        "format": {"const": FORMAT, "description": "Name and version of this document."},
        "profile": {"type": "string", "description": "Profile whose promises were checked; empty without `--profile`."},
        "profile_digest": {"type": "string", "description": "Its digest."},
        "passed": {
            "type": "boolean",
            "description": "Whether every output has a known input and both were read, and nothing was found.",
        },
        "inputs": _count("Files in the folder of the inputs."),
        "outputs": _count("DICOM instances in the folder of the outputs."),
        "paired": _counts("Outputs with a known input, by the way in which they were brought together."),
        "unpaired_outputs": _numbers("Outputs without a known input; nothing is known of them but a search."),
        "inputs_without_output": _numbers("Inputs without an output, which is no fault: they may have been held back."),
        "inputs_not_read": _objects(
            "Inputs that the verifier could not read, so that nothing can be said of their outputs.",
            instance={"type": "integer"},
            code={"type": "string"},
        ),
        "other_files": _count("Files in the folder of the outputs that are no instances; they were searched."),
        "checks": _counts("Number of findings by check."),
        "instances": _objects(
            "One entry for each paired output.",
            output={"type": "integer"},
            instance={"type": "integer"},
            paired_by={"enum": ["crosswalk", "instance UID", "path", "pixels", "numbers"]},
            findings=_SAID,
            notes=_SAID,
        ),
        "general": {**_SAID, "description": "Findings of the set, and of files that are no instances."},
        "general_notes": {**_SAID, "description": "Notes of the set."},
        "unknowns": _objects(
            "What was not understood or not looked at, by name.",
            kind={"type": "string"},
            name={"type": "string"},
            where={"type": "string"},
            instances={"type": "array", "items": {"type": "integer"}},
        ),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }

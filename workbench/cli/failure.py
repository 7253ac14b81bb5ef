"""The one place where a failure becomes text and an exit code.

Guarantee: no traceback and no value of the input reaches the user. Messages of `WorkbenchError` are free of them by
contract; of every other exception only the type, the place in our own code and an incident number are shown.
"""

import errno
import json
import secrets
import sys
from traceback import extract_tb
from typing import TextIO

from workbench.records.errors import UsageError, WorkbenchError

EXIT_HELD_BACK = 1
EXIT_INTERRUPTED = 130
"""What a shell expects after Ctrl-C; the contract's codes 0 to 3 are for runs that came to an end."""
EXIT_BY_SIGNAL = 128
"""Plus the number of the signal: what a shell says of a program that was ended."""

OS_FAILURES = {
    errno.ENOSPC: ("disk-full", "The disk is full.", "Free some space and run the command again."),
    errno.EDQUOT: ("disk-full", "The disk quota is used up.", "Free some space and run the command again."),
    errno.EACCES: (
        "no-permission",
        "The operating system refused access to a file.",
        "Check who owns the places that you named, and run `workbench doctor`.",
    ),
    errno.EPERM: (
        "no-permission",
        "The operating system refused an operation on a file.",
        "Check who owns the places that you named, and run `workbench doctor`.",
    ),
    errno.EROFS: ("read-only", "The target is on a read-only file system.", "Choose another place."),
    errno.ENOENT: ("not-found", "A file or folder that you named is not there.", "Check the paths of the command."),
    errno.ENOTDIR: ("not-a-folder", "A path that must be a folder is not one.", "Check the paths of the command."),
    errno.EISDIR: ("not-a-file", "A path that must be a file is a folder.", "Check the paths of the command."),
    errno.EEXIST: ("exists", "The target exists already.", "Choose another place; nothing is ever overwritten."),
    errno.EMFILE: ("too-many-files", "Too many files are open.", "Raise the limit (`ulimit -n`) or use fewer jobs."),
    errno.ENAMETOOLONG: ("name-too-long", "A path or name is too long.", "Check the arguments of the command."),
    errno.ELOOP: ("link-loop", "A path leads in circles through symbolic links.", "Give the real path."),
    errno.EIO: ("disk-error", "The disk reported an error.", "Check the disk; sources were not touched."),
}
_WRONG_PATHS = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP})
"""What a path on the command line that cannot be right comes to: wrong usage."""


def as_workbench_error(problem: BaseException) -> WorkbenchError:
    """Return `problem` as code, message and hint; unexpected ones get an incident number."""
    if isinstance(problem, WorkbenchError):
        return problem
    if isinstance(problem, OSError) and problem.errno in OS_FAILURES:
        code, message, hint = OS_FAILURES[problem.errno]
        return (UsageError if problem.errno in _WRONG_PATHS else SurroundingsError)(code, message, hint)
    if isinstance(problem, UnicodeEncodeError):
        return UsageError("text-not-unicode", "A text that was given is not valid UTF-8.", "Type it anew.")
    incident = secrets.token_hex(4)
    return SurroundingsError(
        "unexpected",
        f"Something unexpected happened ({type(problem).__name__}{_place(problem)}, incident {incident}).",
        "Nothing half-written was kept. Run `workbench doctor`; if it happens again, report the type and the place.",
    )


def usage_error(problem: Exception, command: str) -> WorkbenchError:
    """Return what the argument parser found as a usage error that does not repeat the argument's value.

    A value can be a path with a patient's name in it, so only names of options are shown.
    """
    hint = f"Run `{command} --help` for an example."
    parameter = getattr(problem, "param", None)
    if parameter is not None:
        option = max(getattr(parameter, "opts", []), key=len, default="")
        name = option if option.startswith("-") else getattr(parameter, "metavar", None) or "An argument"
        if type(problem).__name__ == "MissingParameter":
            return UsageError("missing-argument", f"{name} is missing.", hint)
        return UsageError("bad-argument", f"The value of {name} is not valid.", hint)
    if hasattr(problem, "possibilities"):
        possible = ", ".join(problem.possibilities or ())
        return UsageError(
            "unknown-option", "There is no such option.", f"Did you mean {possible}? {hint}" if possible else hint
        )
    if "No such command" in str(problem):
        return UsageError("unknown-command", "There is no such command.", hint)
    return UsageError("bad-arguments", "The arguments do not fit this command.", hint)


def render(problem: WorkbenchError, *, as_json: bool, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Write the failure (one JSON document on stdout, or lines on stderr) and return the exit code."""
    if as_json:
        document = {"error": {"code": problem.code, "message": problem.message, "hint": problem.hint}}
        (out or sys.stdout).write(json_text(document, out or sys.stdout) + "\n")
    else:
        stream = err or sys.stderr
        stream.write(f"error [{problem.code}]: {problem.message}\n")
        if problem.hint:
            stream.write(f"  next: {problem.hint}\n")
    return problem.exit_code


def json_text(document: object, stream: TextIO, *, indent: int | None = None) -> str:
    """Return JSON as readable as the stream can take it: a stream that is not Unicode gets escapes."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(document, indent=indent)
    return text


class SurroundingsError(WorkbenchError):
    """A failure of the surroundings, not of the arguments."""

    exit_code = EXIT_HELD_BACK


def _place(problem: BaseException) -> str:
    """Return the innermost line of our own code; code is not identity, file names of inputs would be."""
    for frame in reversed(extract_tb(problem.__traceback__)):
        _, found, module = frame.filename.replace("\\", "/").rpartition("/workbench/")
        if found:
            return f" at {module}:{frame.lineno}"
    return ""

"""The `workbench` command: one entry point, one rendering of failures.

Start-up counts: command modules import only what declares their options; everything else is imported inside the
command that needs it.
"""

import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from types import FrameType

import typer
from typer.exceptions import Abort, TyperException

from workbench.cli import audit, detect, folder, home, persons, pixels, profile, release, studies, user
from workbench.cli.failure import EXIT_BY_SIGNAL, EXIT_INTERRUPTED, as_workbench_error, render, usage_error
from workbench.records.errors import UsageError


def build() -> typer.Typer:
    """Put the commands together."""
    app = typer.Typer(
        name="workbench",
        help="De-identify DICOM studies, prove the result, have a second person approve it, release it encrypted.",
        epilog="Example: workbench deidentify IN OUT --profile basic",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
    )
    for part in (folder, detect, home, studies):
        part.add_to(app)
    app.add_typer(persons.build(), name="identity")
    app.add_typer(release.build_recipient(), name="recipient")
    app.add_typer(release.build_release(), name="release")
    release.add_to(app)
    app.add_typer(audit.build(), name="audit")
    app.add_typer(profile.build(), name="profile")
    app.add_typer(pixels.build(), name="pixels")
    app.add_typer(user.build(), name="user")
    return app


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code: 0 well, 1 held back, 2 wrong usage, 3 integrity broken."""
    as_json = "--json" in arguments
    _speak_any_text()
    try:
        code = build()(args=list(arguments), prog_name="workbench", standalone_mode=False)
    except (KeyboardInterrupt, Abort):
        code = EXIT_INTERRUPTED
    except TyperException as problem:
        return _rendered_usage(problem, as_json=as_json)
    except BrokenPipeError:
        sys.stdout = None  # nobody reads any more; keep the interpreter from flushing
        return 1
    except Exception as problem:  # noqa: BLE001  # the user never sees a traceback
        return render(as_workbench_error(problem), as_json=as_json)
    if code == EXIT_INTERRUPTED:
        sys.stderr.write("Stopped. Nothing half-written was kept.\n")
    return code if isinstance(code, int) else 0


def run() -> None:
    """Entry point of the console command. SIGTERM and SIGHUP end it like Ctrl-C does: what is in clear is removed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)
    sys.exit(main(sys.argv[1:]))


def _stop(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one must not interrupt the clean-up
    sys.stderr.write("Stopped. Nothing half-written was kept.\n")
    raise SystemExit(EXIT_BY_SIGNAL + number)


def _speak_any_text() -> None:
    """Let no terminal make a finished command fail: what it cannot show becomes an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _rendered_usage(problem: TyperException, *, as_json: bool) -> int:
    context = getattr(problem, "ctx", None)
    if type(problem).__name__ == "NoArgsIsHelpError":
        return UsageError.exit_code  # the help was written when the exception was made
    command = context.command_path if context is not None else "workbench"
    return render(usage_error(problem, command), as_json=as_json)

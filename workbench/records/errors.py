"""The one error tree. A message never carries a value of a patient, a file name or a UID of the input."""


class WorkbenchError(Exception):
    """An expected failure that a front end renders as code, message and next step, never as a traceback.

    `code` is stable, kebab-case and documented; `hint` tells the user what to do next.
    """

    exit_code = 2

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type["WorkbenchError"], tuple[str, str, str]]:
        """Cross process boundaries with all three parts."""
        return type(self), (self.code, self.message, self.hint)


class InstanceRefused(WorkbenchError):
    """One input cannot be taken further; it goes to quarantine and the rest goes on."""

    exit_code = 1


class UsageError(WorkbenchError):
    """Wrong arguments or configuration."""


class ProfileError(WorkbenchError):
    """A profile does not load, does not lint or does not compile."""


class NotPermitted(WorkbenchError):
    """The actor may not do this (role, second-person rule)."""

    exit_code = 1


class WrongState(WorkbenchError):
    """The study or release is not in a state that allows this step."""

    exit_code = 1


class IntegrityBroken(WorkbenchError):
    """The log, a package or a key does not prove what it should."""

    exit_code = 3


class StorageFailed(WorkbenchError):
    """The disk or the database refused; nothing was changed, and the same step may be repeated later."""

    exit_code = 1

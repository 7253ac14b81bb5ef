"""The sceptic: another parser, other logic, small checks that yield Findings.

Importing this package loads neither pydicom nor the search; the first use does.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.verify.examination import Examination
    from workbench.verify.harvesting import Harvest, Harvester, harvest, merge, merge_uids
    from workbench.verify.identity import Identity
    from workbench.verify.known import known_elsewhere
    from workbench.verify.pairing import verify_folder
    from workbench.verify.report import Report
    from workbench.verify.sceptic import Sceptic
    from workbench.verify.together import examine_set, notes_of_set

__all__ = [
    "Examination",
    "Harvest",
    "Harvester",
    "Identity",
    "Report",
    "Sceptic",
    "examine_set",
    "harvest",
    "known_elsewhere",
    "merge",
    "merge_uids",
    "notes_of_set",
    "verify_folder",
]

_HOMES = {
    "Examination": "examination",
    "Harvest": "harvesting",
    "Harvester": "harvesting",
    "Identity": "identity",
    "Report": "report",
    "Sceptic": "sceptic",
    "examine_set": "together",
    "harvest": "harvesting",
    "known_elsewhere": "known",
    "merge": "harvesting",
    "merge_uids": "harvesting",
    "notes_of_set": "together",
    "verify_folder": "pairing",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for."""
    from importlib import import_module  # noqa: PLC0415 - only for the names above

    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"workbench.verify.{_HOMES[name]}"), name)

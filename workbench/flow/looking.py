"""What examines pixels, as folder mode and the workbench set it up."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal

from workbench.deid.known_values import known_values
from workbench.flow.pool import Bounds

if TYPE_CHECKING:
    from workbench.pixels.cleaning import Cleaning
    from workbench.pixels.region_rules import DeviceRule

CARE: Final = "careful"
"""Profile of the detector for whatever leaves."""

BOUNDS: Final = Bounds(memory=6 << 30, seconds=3600.0)
"""Of a worker that examines pixels: it takes about 600 MB, and minutes for a long loop."""


def cleaning(mode: Literal["flag", "clean"], rules: Iterable["DeviceRule"] = ()) -> "Cleaning":
    """Return what examines the instances of one worker; the nets are loaded when the first image comes.

    `rules` are those of the site; those that are shipped count as well.
    """
    # Loaded here: without a look at pixels nothing may load their libraries.
    from workbench.pixels.cleaning import Cleaning  # noqa: PLC0415 (see above)
    from workbench.pixels.looking import Looker  # noqa: PLC0415 (see above)
    from workbench.pixels.proposing import HeaderRules  # noqa: PLC0415 (see above)

    return Cleaning(mode, lambda: Looker(known_values, profile=CARE), HeaderRules(rules), profile=CARE)

"""What a profile is asked for. The key of an instance depends on it: what one profile keeps, another one removes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mode:
    """What the profile under test undertakes, in the words of PS3.15 E.3; `dates` as removed, shift, year or full."""

    name: str
    clean_descriptors: bool = False
    clean_content: bool = False
    clean_graphics: bool = False
    dates: str = "removed"
    characteristics: bool = False
    device: bool = False
    institution: bool = False
    private_numbers: bool = False


MODES = {
    "basic": Mode("basic"),
    "safe-harbor": Mode("safe-harbor", clean_descriptors=True, dates="year"),
    "limited-data-set": Mode("limited-data-set", clean_descriptors=True, dates="full", characteristics=True),
    "research": Mode(
        "research",
        clean_descriptors=True,
        dates="shift",
        characteristics=True,
        device=True,
        private_numbers=True,
    ),
    "teleradiology": Mode(
        "teleradiology",
        clean_descriptors=True,
        clean_content=True,
        clean_graphics=True,
        dates="shift",
        characteristics=True,
    ),
}

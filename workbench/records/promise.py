"""What a profile promised to the verifier, which may not import profiles."""

from dataclasses import dataclass

from workbench.records.code import Code


@dataclass(frozen=True, slots=True)
class Promises:
    """Handed from `profiles` through `flow` to `verify`.

    `retained` are tag paths (tuples of tags) that must still be there when the input had them, with equal value.
    `retained_uids`, `retained_dates` and so on switch off the searches that the profile gave up on purpose.
    `codes` are the method codes that the output must claim, and no others of CID 7050.
    """

    profile: str
    digest: str
    codes: tuple[Code, ...] = ()
    retained: frozenset[tuple[int, ...]] = frozenset()
    retained_private: frozenset[tuple[int, str, int]] = frozenset()
    retain_uids: bool = False
    retain_dates: bool = False
    retain_device: bool = False
    retain_institution: bool = False
    longitudinal: str = "REMOVED"
    pixels: str = "off"
    shift_dates: bool = False

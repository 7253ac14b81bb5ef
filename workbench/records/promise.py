"""What a profile promised to the verifier, which may not import profiles."""

from dataclasses import dataclass

from workbench.records.code import Code


@dataclass(frozen=True, slots=True)
class Promises:
    """Handed from `profiles` through `flow` to `verify`.

    `retained` are tag paths (tuples of tags) that must still be there when the input had them, with equal value.
    `retained_uids`, `retained_dates` and so on switch off the searches that the profile gave up on purpose.
    `codes` are the method codes that the output must claim, and no others of CID 7050.

    `dates` is what becomes of days: `removed`, `full`, `shift` (one offset of whole days for each patient, times kept)
    or `year_only` (the first of January). `age_cap` is the highest age that is told; an older person is 090Y; 0 is no
    cap. `cleaned` are tag paths whose text or age is cleaned: there a value may stand as it stood when nothing in it
    identifies. `given_up` are tag paths that the profile removes or replaces although no row asks for it, so that
    nobody looks for what a reader would miss. `retained_private` are (group, creator, element byte) of the private
    attributes that stay, `private` their level (`remove`, `numeric`, `coded`, `listed`). `evidence` are the code values
    of (0012,0064) that only a document can support: De-identification Method must name its digest. `law` is the preset
    that the profile was checked against.
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
    dates: str = "removed"
    age_cap: int = 89
    cleaned: frozenset[tuple[int, ...]] = frozenset()
    given_up: frozenset[tuple[int, ...]] = frozenset()
    private: str = "remove"
    evidence: frozenset[str] = frozenset()
    law: str = ""

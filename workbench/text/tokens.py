"""How a text is cut into words and numbers before they are looked up."""

import re

MONTHS = frozenset(
    {
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    }
)
"""Never known: with a day or a year they make a date. (`may` costs the sentence that it stands in.)"""

_TOKEN = re.compile(r"[A-Za-z]+|[0-9]+")


def tokens(text: str) -> tuple[str, ...]:
    """Return the runs of letters (lower case) and of digits, in their order."""
    return tuple(token.lower() for token in _TOKEN.findall(text))

"""Whether the data files that this software comes with can be read, asked before work begins.

Damaged in the middle of a run they would refuse every input, each for a reason that nobody understands.
"""

from workbench.records.errors import UsageError, WorkbenchError


def check_installation(*, texts: bool, verify: bool = True) -> None:
    """Load the data files that a run needs.

    Parameters
    ----------
    texts
        Whether texts are cleaned word by word.
    verify
        Whether outputs are verified.

    Raises
    ------
    UsageError
        `installation-damaged`: a data file is missing or damaged.
    """
    try:
        _load(texts=texts, verify=verify)
    except WorkbenchError:
        raise
    except Exception:  # noqa: BLE001 - whatever a damaged file makes of its reader is the same to the user
        raise UsageError(
            "installation-damaged",
            "A data file of this installation is missing or damaged.",
            "Nothing was done. Install the workbench again: pip install --force-reinstall deid-workbench.",
        ) from None


def _load(*, texts: bool, verify: bool) -> None:
    from workbench.text import known_terms  # noqa: PLC0415 (read by runs only)

    if not known_terms.known("chest"):
        raise ValueError("known terms")
    if texts:
        from workbench.text.cleaner import Cleaner  # noqa: PLC0415 (its vocabulary costs start-up)

        if Cleaner().clean("CT chest").text != "CT chest":
            raise ValueError("vocabulary")
    if verify:
        from workbench.verify.generic import placeholders, words  # noqa: PLC0415 (loads pydicom)
        from workbench.verify.ordinary import ordinary_words  # noqa: PLC0415

        if not (words() and ordinary_words() and all(placeholders())):
            raise ValueError("words of the verifier")

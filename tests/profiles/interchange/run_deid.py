"""Runs the deid package over one file with several recipes. Always in a process of its own: importing deid changes
pydicom's Dataset for everybody. Arguments: the input, then recipe and output in turn."""

import contextlib
import io
import sys
import warnings

ITEM = {"entity_id": "CODE7", "item_id": "CODE8", "is_thing": lambda **_given: True, "new": lambda **_given: "1.2.9"}


def main(source: str, *pairs: str) -> None:
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        from deid.config import DeidRecipe  # noqa: PLC0415 (see above)
        from deid.dicom import replace_identifiers  # noqa: PLC0415 (see above)

        for recipe, target in zip(pairs[::2], pairs[1::2], strict=True):
            made = replace_identifiers([source], deid=DeidRecipe(recipe), ids={source: dict(ITEM)}, save=False)
            made[0].save_as(target, enforce_file_format=False)


if __name__ == "__main__":
    main(*sys.argv[1:])

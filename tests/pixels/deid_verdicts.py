"""Print what the deid package would blacken in images with given headers; a process of its own, see design.

Importing it changes pydicom and loads matplotlib. Reads a JSON list of {keyword: value} on standard input.
"""

import json
import os
import sys

os.environ["MESSAGELEVEL"] = "QUIET"

from deid.config import DeidRecipe
from deid.dicom.pixels import detect
from pydicom.dataset import Dataset, FileMetaDataset


def main() -> None:
    """Answer each header with its areas."""
    detect.utils.load_dicom = lambda data_set, force=True: data_set
    recipe = DeidRecipe("dicom")
    answers = []
    for header in json.load(sys.stdin):
        data_set = Dataset()
        data_set.file_meta = FileMetaDataset()
        for name, value in header.items():
            setattr(data_set, name, int(value) if name in ("Rows", "Columns") else value)
        found = detect.has_burned_pixels(data_set, deid=recipe)["results"]
        answers.append([area for result in found for _mask, area in result["coordinates"]])
    sys.stdout.write("\n" + json.dumps(answers))


if __name__ == "__main__":
    main()

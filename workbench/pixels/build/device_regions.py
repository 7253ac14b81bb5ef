"""Write `data/device_regions.json`: the label library of the deid package, as far as it has coordinates.

Run: `python -m workbench.pixels.build.device_regions`. The package is read, not imported. What its labels call clean
is left out (nothing is declared clean unlooked), and so are labels without coordinates: they say that an image may
show something, which other sources say better.
"""

import importlib.metadata
import importlib.util
import json
from pathlib import Path

from workbench.pixels.region_rules import DeviceRule, to_json
from workbench.pixels.region_scripts import read_recipe

TARGET = Path(__file__).resolve().parents[1] / "data" / "device_regions.json"
FILES = ("deid.dicom", "deid.dicom.ultrasound", "deid.dicom.xray.chest")
MISSPELT = {"Manfacturer": "Manufacturer", "Manufacture ": "Manufacturer "}
"""Names of attributes in the library that no dictionary has, so that its rules never match."""


def main() -> None:
    """Write the file."""
    TARGET.write_text(render(), encoding="utf-8")


def render() -> str:
    """Return the rules, with where they come from.

    Raises
    ------
    ModuleNotFoundError
        When the package is not installed.
    """
    spec = importlib.util.find_spec("deid")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("deid")
    folder = Path(spec.origin).parent / "data"
    version = importlib.metadata.version("deid")
    licence = _licence()
    rules: list[DeviceRule] = []
    for name in FILES:
        text = (folder / name).read_text(encoding="utf-8")
        for wrong, right in MISSPELT.items():
            text = text.replace(f" {wrong}", f" {right}")
        rules += read_recipe(text, source=f"deid {version}").rules
    about = {
        "source": f"Label library of the deid package, version {version} (https://github.com/pydicom/deid)",
        "licence": licence.split("\n"),
        "note": "Labels marked (CTP) were contributed to the RSNA Clinical Trial Processor. Written by "
        "workbench.pixels.build.device_regions; do not edit.",
    }
    head = json.dumps(about, indent=1, ensure_ascii=False).removesuffix("\n}")
    lines = ",\n".join(json.dumps(to_json(rule), ensure_ascii=False) for rule in rules if rule.areas)
    return f'{head},\n "rules": [\n{lines}\n ]\n}}\n'


def _licence() -> str:
    """Return the text of the MIT licence as the package carries it: copies of its labels have to carry it too."""
    for path in importlib.metadata.files("deid") or ():
        if path.name == "LICENSE":
            return path.read_text(encoding="utf-8").strip()
    raise FileNotFoundError("LICENSE")


if __name__ == "__main__":
    main()

"""Types of attributes in the IODs of PS3.3, by SOP class."""


def known_sop_class(uid: str) -> bool:
    """Tell whether the IOD of this SOP class is known."""
    return False


def attribute_type(sop_class: str, tag_path: tuple[int, ...]) -> str | None:
    """Return the strongest type of the attribute at this place in the IOD."""
    return None


def removable(sop_class: str, tag_path: tuple[int, ...]) -> bool:
    """Tell whether the attribute is the only required content of a module that the IOD does not mandate."""
    return False

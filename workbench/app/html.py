"""Markup that cannot be broken out of: every text and attribute is escaped, tags come from code only."""

from html import escape


class Markup(str):
    """Text that is HTML already, made by `tag` or `join`."""

    __slots__ = ()


def tag(name: str, *content: str, **attributes: str) -> Markup:
    """Return an element. Content that is not Markup is escaped; `cls` stands for class, `_` in names for `-`."""
    written = "".join(
        f' {"class" if key == "cls" else key.replace("_", "-")}="{escape(value)}"' for key, value in attributes.items()
    )
    return Markup(f"<{name}{written}>{join(*content)}</{name}>")


def join(*content: str) -> Markup:
    """Return the pieces one after another, escaping what is not Markup."""
    return Markup("".join(piece if isinstance(piece, Markup) else escape(piece) for piece in content))


def chip(text: str, tone: str) -> Markup:
    """Return a small label. `tone` is a colour name of the theme; the words alone carry the meaning."""
    return tag("span", text, cls=f"wb-chip wb-{tone}")

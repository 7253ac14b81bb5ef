"""Deliveries: what a remote reader can do here, and nothing more than is true."""

import streamlit as st

from workbench.app import parts
from workbench.app.html import tag
from workbench.app.room import Room


def render(_room: Room) -> None:
    """Show a remote reader how a package reaches them and how it is opened."""
    parts.heading("Deliveries", "Packages that a site has released to you.")
    parts.put(
        parts.note(
            "The site that sends you studies hands the package over itself, on a disk or through its own file "
            "transfer. This page cannot list or download it yet.",
            "blue",
            "Packages are not downloaded here.",
        )
    )
    parts.put(tag("h2", "To open a package", cls="wb-h"))
    parts.put(
        tag(
            "ol",
            tag(
                "li",
                "Have three things ready: the package, your own identity file, and the site's public key. The "
                "key comes from the site by another way than the package.",
            ),
            tag("li", "Run this command. It works without a network and changes nothing in the package."),
            tag("li", "Send the receipt that it writes back to the site. It shows that the package could be opened."),
        )
    )
    st.code("workbench open PACKAGE FOLDER --identity IDENTITY --trust KEY", language=None)
    parts.put(
        tag(
            "p",
            "If the command says that the package was altered, or that the key does not match: do not use the "
            "images, and tell the site.",
            cls="wb-quiet",
        )
    )

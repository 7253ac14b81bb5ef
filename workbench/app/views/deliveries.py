"""Deliveries: what a remote reader can do here, and nothing more than is true."""

import streamlit as st

from workbench.app import parts
from workbench.app.html import tag
from workbench.app.room import Room


def render(_room: Room) -> None:
    """Show a remote reader how a package reaches them and how it is opened."""
    parts.heading("Deliveries", "How a package that a site has released to you is opened and checked.")
    parts.put(
        parts.note(
            "The site that sends you studies hands the package over itself, on a disk or through its own file "
            "transfer. This page cannot list or download it yet.",
            "blue",
            "Packages are not downloaded here.",
        )
    )
    _steps(
        "Once: a key of your own",
        "Make it on your computer, and keep the file key.txt to yourself.",
        "Send the site the line that begins with age1. It is public.",
        "Get the site's file trust.vkey by another way than its packages, and compare its fingerprint by telephone.",
    )
    st.code("age-keygen -o key.txt", language=None)
    _steps(
        "For each package",
        "Run this command. RL-000001.tar.age is the package, and received is a new folder for what is in it. It works "
        "without a network and changes nothing in the package.",
        "Open README.html in the new folder, and the images or the DICOMDIR with any viewer.",
        "Send the file receipt.json from that folder back to the site. It shows that the package could be opened.",
    )
    st.code("workbench open RL-000001.tar.age received --identity key.txt --trust trust.vkey", language=None)
    parts.put(
        tag(
            "p",
            "The command checks the site's signature, every file, and that the approval stands in the site's log. If "
            "it says that the package was altered, or that the key does not match: do not use the images, and tell "
            "the site. If you see a name in an image: stop, do not pass it on, and tell the site.",
            cls="wb-quiet",
        )
    )


def _steps(title: str, *steps: str) -> None:
    parts.put(tag("h2", title, cls="wb-h"), tag("ol", *(tag("li", step) for step in steps)))

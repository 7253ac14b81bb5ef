"""The app's index page as the gate sends it: the installed one, with our script, our icon and a matching policy."""

import re

from workbench.api.headers import app_policy

_ICON = re.compile(r'<link rel="(?:shortcut )?icon"[^>]*>', re.IGNORECASE)
_SERVICE = re.compile(r'<link rel="service-desc"[^>]*>', re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL | re.IGNORECASE)
_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL | re.IGNORECASE)

_OURS = (
    '<link rel="icon" type="image/svg+xml" href="/assets/mark.svg" />\n'
    '    <meta name="robots" content="noindex" />\n'
    '    <script src="/assets/session.js"></script>\n    '
)


class Shell:
    """The page and its Content-Security-Policy, made once at start-up.

    Parameters
    ----------
    index
        Text of the installed app's index.html.

    Raises
    ------
    ValueError
        When the page has no head to put our script into: then a session's end could not clear the screen.
    """

    def __init__(self, index: str) -> None:
        page = _COMMENT.sub("", index).strip()
        page = _SERVICE.sub("", _ICON.sub("", page))
        page = _TITLE.sub("<title>Workbench</title>", page)
        page = _NOSCRIPT.sub("<noscript><p>The workbench needs JavaScript.</p></noscript>", page)
        place = page.find("<script")
        if place < 0 or "<head" not in page[:place]:
            raise ValueError("the index page of the installed Streamlit is not as expected")
        self.page = (page[:place] + _OURS + page[place:]).encode("utf-8")
        self.policy = app_policy(page)

"""Response headers that make browsers refuse what the product never needs."""

import base64
import hashlib
import re

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)

ALWAYS: tuple[tuple[str, str], ...] = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), usb=(), payment=(), interest-cohort=()"),
)
"""Sent with every response, of the gate and of the app behind it."""

NO_STORE = ("cache-control", "no-store")

PLAIN_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""Content-Security-Policy of the gate's own pages: no script at all."""


def inline_script_hashes(html: str) -> tuple[str, ...]:
    """Return the CSP sources (`'sha256-…'`) of the inline scripts in `html`, in their order."""
    hashes = []
    for script in _SCRIPT.finditer(html):
        if "src=" in script["attributes"] or not script["body"].strip():
            continue
        digest = hashlib.sha256(script["body"].encode("utf-8")).digest()
        hashes.append(f"'sha256-{base64.b64encode(digest).decode('ascii')}'")
    return tuple(hashes)


def app_policy(html: str) -> str:
    """Return the Content-Security-Policy for an app whose index page is `html`.

    Scripts come from this server, are one of the page's own inline scripts (by hash), or are components that the
    server sent over the authenticated connection (`blob:`). Nothing is fetched from, sent to or framed by anybody else.
    """
    scripts = " ".join(("'self'", *inline_script_hashes(html), "blob:"))
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )

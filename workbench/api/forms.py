"""Forms that only our own page can send (no cross-site request forgery, before and after sign-in)."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from workbench.api.wire import Head


class FormGuard:
    """Ties a hidden field to a cookie with a key that lives as long as the server.

    A page of another site cannot read the cookie, cannot compute the field, and does not have our origin.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def nonce(self) -> str:
        """Return a new value for the form cookie."""
        return secrets.token_urlsafe(24)

    def field(self, nonce: str) -> str:
        """Return the hidden field that belongs to the form cookie `nonce`."""
        return hmac.new(self._key, b"form " + nonce.encode("utf-8"), hashlib.sha256).hexdigest()

    def genuine(self, head: Head, *, nonce: str, field: str) -> bool:
        """Tell whether a posted form came from our own page."""
        if not nonce or not same_site(head):
            return False
        return hmac.compare_digest(self.field(nonce).encode("ascii"), field.encode("utf-8"))


def same_site(head: Head) -> bool:
    """Tell whether the browser says that the request comes from our own origin.

    Our pages send no referrer, and browsers then say `Origin: null` even to ourselves: that counts only when
    Sec-Fetch-Site, which no page can set, says same-origin. A browser that sends neither leaves it to the hidden field.
    """
    if head.fetch_site and head.fetch_site != "same-origin":
        return False
    if head.origin in {"", "null"}:
        return bool(head.fetch_site) or not head.origin
    return own_origin(head)


def own_origin(head: Head) -> bool:
    """Tell whether Origin names the host that was asked."""
    parts = urlsplit(head.origin)
    return parts.scheme in {"http", "https"} and bool(head.host) and parts.netloc.lower() == head.host.lower()

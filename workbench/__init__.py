"""De-identification workbench: from bytes to a verified, approved, encrypted release."""

__version__ = "0.1.0"

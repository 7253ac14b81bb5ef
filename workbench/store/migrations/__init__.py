"""Schema revisions, from the first table on. A revision that was released is never edited; a change is a new one."""

HEAD = "0002"
"""The newest revision; a test compares it with the scripts."""

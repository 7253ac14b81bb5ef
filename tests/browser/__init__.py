"""Tests with a real browser, a real server and a real home."""

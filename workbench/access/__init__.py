"""Accounts, roles to permissions, sessions."""

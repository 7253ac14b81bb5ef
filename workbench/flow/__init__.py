"""Use cases: the only way in for command, app and routes. Each is one transaction with its audit entry."""

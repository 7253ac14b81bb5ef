"""SQLAlchemy models, Alembic migrations and the encrypted object store; implements the ports of the rooms below."""

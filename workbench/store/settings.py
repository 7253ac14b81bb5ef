"""Named settings of a home (solo mode, places of keys and witness)."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select

from workbench.store.repository import Repository
from workbench.store.tables import setting

Value = str | int | bool


class Settings(Repository):
    """A setting is text, a number or yes and no. Never a secret, never anything of a patient."""

    def get(self, name: str, default: Value) -> Value:
        """Return a setting, or the default while it was never set."""
        row = self._first(select(setting.c.value).where(setting.c.name == name))
        if row is None:
            return default
        value = json.loads(row.value)
        return value if isinstance(value, str | int | bool) else default

    def all(self) -> Mapping[str, Value]:
        """Return all that were set, by name."""
        return {row.name: json.loads(row.value) for row in self._all(select(setting).order_by(setting.c.name))}

    def set(self, name: str, value: Value, *, at: datetime) -> None:
        """Change a setting."""
        self._write(delete(setting).where(setting.c.name == name))
        self._write(insert(setting).values(name=name, value=json.dumps(value), changed_at=at))

from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from tests.store.conftest import House
from workbench.audit import tables
from workbench.records.errors import StorageFailed
from workbench.store.migrations import HEAD
from workbench.store.migrations.run import configuration, migrate
from workbench.store.schema import metadata


def schema(connection) -> dict[str, list[str]]:
    """Statements by name; the order of constraints within a table says nothing."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: sorted(line.strip(" ,\t") for line in sql.splitlines()) for name, sql in rows}


def test_head_names_the_newest_script(house: House):
    assert ScriptDirectory.from_config(configuration()).get_heads() == [HEAD]
    assert house.database.revision() == HEAD


def test_models_are_what_the_migrations_make(house: House):
    with house.database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or not name.startswith("audit_")}
        )
        assert compare_metadata(context, metadata) == []


def test_migrated_statements_are_those_of_the_models_checks_and_strictness_included(house: House):
    fresh = create_engine("sqlite://")
    with fresh.connect() as modelled, house.database.engine.connect() as migrated:
        metadata.create_all(modelled)
        made = {name: sql for name, sql in schema(migrated).items() if not name.startswith(("audit_", "alembic_"))}
        assert made == schema(modelled)
        assert all("STRICT" in sql for name, sql in made.items() if name in metadata.tables)


def test_every_pseudonym_is_bound_to_a_scope():
    assert [column.name for column in metadata.tables["pseudonym"].primary_key] == ["scope", "kind", "source_index"]


def test_the_audit_logs_tables_and_triggers_come_with_the_first_revision(house: House):
    with house.database.engine.connect() as connection:
        names = schema(connection)
    assert {"audit_event", "audit_head", "audit_checkpoint", "audit_event_no_update"} <= set(names)


def test_migrating_twice_changes_nothing(make_house: Callable[..., House]):
    house = make_house()
    with house.database.engine.connect() as connection:
        before = schema(connection)
    migrate(house.database)
    with house.database.engine.connect() as connection:
        assert schema(connection) == before


def test_a_migration_that_fails_leaves_nothing_and_can_be_repeated(
    make_house: Callable[..., House], tmp_path, monkeypatch
):
    real = tables.create_statements
    monkeypatch.setattr(tables, "create_statements", lambda dialect: [*real(dialect), "CREATE TABLE nonsense ("])
    with pytest.raises(StorageFailed) as caught:
        make_house(migrated=True)
    assert caught.value.code == "migration-failed"
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert make_house(migrated=True).database.revision() == HEAD


def test_a_schema_that_is_half_there_is_rolled_back_whole(house: House, monkeypatch):
    """The same on a database that is kept: either the whole new schema or the old one."""
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        before = schema(connection)
    with pytest.raises(StorageFailed):
        migrate(house.database)  # the first table is there already
    with house.database.engine.connect() as connection:
        assert schema(connection) == before
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar() == 0

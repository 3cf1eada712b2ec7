"""The log is append-only whoever writes the SQL, and search reads a trigram index where the database has one."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

HASHED = ["stream", "seq", "rma_id", "kind", "data", "actor_kind", "actor_ref", "request_id", "at", "previous_hash", "hash"]

POSTGRES = f"""
CREATE OR REPLACE FUNCTION returns_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event log is append-only';
END $$;
CREATE TRIGGER event_never_deleted BEFORE DELETE ON returns_event
    FOR EACH ROW EXECUTE FUNCTION returns_event_is_append_only();
CREATE TRIGGER event_never_rewritten BEFORE UPDATE OF {", ".join(HASHED)} ON returns_event
    FOR EACH ROW EXECUTE FUNCTION returns_event_is_append_only();
"""

SQLITE = [
    "CREATE TRIGGER event_never_deleted BEFORE DELETE ON returns_event "
    "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END",
    f"CREATE TRIGGER event_never_rewritten BEFORE UPDATE OF {', '.join(HASHED)} ON returns_event "
    "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END",
]


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES)
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(
            "CREATE INDEX returns_by_search_text ON returns_return USING gin (search_text gin_trgm_ops)"
        )
        return
    for statement in SQLITE:
        schema_editor.execute(statement)


def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    on = " ON returns_event" if schema_editor.connection.vendor == "postgresql" else ""
    for name in ("event_never_deleted", "event_never_rewritten"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS returns_by_search_text")
        schema_editor.execute("DROP FUNCTION IF EXISTS returns_event_is_append_only()")


class Migration(migrations.Migration):
    dependencies = [("returns", "0002_house_policy")]
    operations = [migrations.RunPython(forwards, backwards)]

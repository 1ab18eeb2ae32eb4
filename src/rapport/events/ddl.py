"""The event table of a workspace, as SQL."""

from rapport.metadata.names import qualified


def create_event_table(schema: str) -> str:
    """The append-only log of changes. Readers walk it by (xid, seq), up to the oldest transaction still running."""
    table = qualified(schema, "event")
    return (
        f"create table {table} (\n"
        "  seq bigint generated always as identity primary key,\n"
        "  id uuid not null default gen_random_uuid(),\n"
        "  xid xid8 not null default pg_current_xact_id(),\n"
        "  action text not null,\n"
        "  object text not null,\n"
        '  "recordId" uuid not null,\n'
        '  "updatedFields" text[],\n'
        "  before jsonb,\n"
        "  after jsonb,\n"
        "  actor jsonb,\n"
        '  "happenedAt" timestamptz(3) not null default now()\n'
        ");\n"
        f'create index "ix_event_xid" on {table} (xid, seq)'
    )

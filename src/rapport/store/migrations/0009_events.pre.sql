-- Readers of the event logs of workspaces. The logs themselves are in the schemas of the workspaces.

create table core."eventReader" (
    "workspaceId" uuid not null references core.workspace (id) on delete cascade,
    reader text not null,
    cursor text not null,
    "readAt" timestamptz(3) not null default now(),
    primary key ("workspaceId", reader)
);
comment on table core."eventReader" is 'How far a reader (webhooks, timeline …) has come in the log of a workspace.';
comment on column core."eventReader".cursor is 'As events/cursor.py writes it.';

create table core."eventLoss" (
    "workspaceId" uuid not null primary key references core.workspace (id) on delete cascade,
    xid xid8 not null,
    seq bigint not null,
    "droppedAt" timestamptz(3) not null default now()
);
comment on table core."eventLoss" is
    'What was dropped from the log of a workspace because of its age: events of transactions up to xid, numbered up to seq.';

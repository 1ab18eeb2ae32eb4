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

create function core."oldestUnread"(schemas text[], following text[], open text[], most integer)
returns table (place integer, since timestamptz, unread bigint)
language plpgsql stable as $$
begin
    for number in 1 .. coalesce(array_length(schemas, 1), 0) loop
        place := number;
        if to_regclass(format('%I.event', schemas[place])) is not null then
            execute format(
                'select min("happenedAt"), count(*) from ('
                '(select "happenedAt" from %1$I.event where xid >= $1 order by xid, seq limit $3) union all '
                '(select "happenedAt" from %1$I.event where xid = any ($2) limit $3)) unread',
                schemas[place]
            ) into since, unread using following[place]::xid8, open[place]::xid8[], most;
            if since is not null then
                return next;
            end if;
        end if;
    end loop;
end $$;
comment on function core."oldestUnread" is
    'Of the logs in these schemas, each with a cursor, the places of those with unread events, since when, and how many as far as they are counted. In one function, so that looking into many logs leaves no statements behind in connections.';

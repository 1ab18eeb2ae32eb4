-- Requests of the last minutes, for limits that count those of all processes. Not worth the log: after a crash counting
-- begins anew.

create unlogged table core."rateCount" (
    "window" bigint not null,
    source text not null,
    process uuid not null,
    count integer not null,
    primary key ("window", source, process)
);
comment on table core."rateCount" is 'How many requests of a source (key:…, user:…, ip:…) a process has let in, in a minute since the epoch.';

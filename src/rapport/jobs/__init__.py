"""Work to do later: a queue in PostgreSQL, its workers and its schedules."""

"""A worker for imports in a process of its own, which a test can kill: `python -m tests.imports.worker_process DSN`."""

import asyncio
import sys
from datetime import timedelta

from rapport.imports.running import RUN, run_handler
from rapport.imports.undoing import UNDO, undo_handler
from rapport.jobs.worker import Worker
from rapport.store.database import Database


async def main(dsn: str) -> None:
    db = await Database.connect(dsn, size=3)
    handlers = {RUN: run_handler(db), UNDO: undo_handler(db)}
    Worker(db, handlers, lease=timedelta(seconds=1), look=timedelta(seconds=0.5)).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

"""What the library says and hears by way of our connections."""

import asyncio

from rapport.jobs.driver import StoreDriver
from rapport.store.database import Database


async def test_what_is_said_before_anybody_listens_is_heard(database: Database) -> None:
    listening = await database.dialing.dial()
    try:
        driver = StoreDriver(database, listening)
        heard: asyncio.Queue[object] = asyncio.Queue()
        saying = asyncio.create_task(driver.notify("tests", "hello"))
        await asyncio.sleep(0.05)

        await driver.add_listener("tests", heard.put_nowait)

        assert str(await asyncio.wait_for(heard.get(), 5)) == "hello"
        await saying
    finally:
        listening.terminate()

"""A workspace whose log is read by hand."""

import pytest

from tests.serving import Client
from tests.timeline.telling import Teller


@pytest.fixture
async def teller(client: Client) -> Teller:
    teller = Teller(client)
    await teller.skip()
    return teller

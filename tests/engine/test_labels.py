"""Messages about values in filters name the field as the caller knows it, not as its column is called."""

import pytest

from tests.records.failure import failure
from tests.serving import Client


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('opportunities(filter: {amount: {gte: "much"}})', 'Invalid number value NaN for field "amount"'),
        (
            'opportunities(filter: {amount: {amountMicros: {eq: "much"}}})',
            'Invalid number value NaN for field "amount.amountMicros"',
        ),
        (
            'companies(filter: {address: {addressLat: {in: ["1", "x"]}}})',
            'Invalid number value NaN for field "address.addressLat"',
        ),
    ],
)
async def test_a_filter_names_the_field(client: Client, query: str, message: str) -> None:
    assert (await failure(client, f"{{ {query} {{ totalCount }} }}")).message == message

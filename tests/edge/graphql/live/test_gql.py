"""gql, the client for Python, over WebSockets."""

import asyncio

import pytest
from gql import Client as GqlClient
from gql import GraphQLRequest, gql
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from tests.serving import Client

CREATE = "mutation Create($city: String!) { createPerson(data: { city: $city }) { id } }"
CREATED = gql('subscription { personCreated(filter: { city: { neq: "Rome" } }) { id city } }')


def create_in(city: str) -> GraphQLRequest:
    return GraphQLRequest(CREATE, variable_values={"city": city})


@pytest.mark.parametrize(
    "subprotocol", [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL, WebsocketsTransport.APOLLO_SUBPROTOCOL]
)
async def test_gql_asks_and_listens(client: Client, subprotocol: str) -> None:
    transport = WebsocketsTransport(
        url=client.url.replace("http://", "ws://") + "/graphql",
        init_payload={"Authorization": f"Bearer {client.tenant.key}"},
        subprotocols=[subprotocol],
    )
    made: list[str] = []

    async def create(session: AsyncClientSession) -> None:
        while True:  # until the server has begun to listen
            made.append((await session.execute(create_in("Oslo")))["createPerson"]["id"])
            await session.execute(create_in("Rome"))

    async with GqlClient(transport=transport) as session:
        with pytest.raises(TransportQueryError, match="Cannot query field"):
            await session.execute(gql("{ nothing }"))
        creating = asyncio.create_task(create(session))
        heard = []
        async for told in session.subscribe(CREATED):
            heard.append(told["personCreated"])
            if len(heard) == 3:
                break
        creating.cancel()
        at = made.index(heard[0]["id"])
        assert heard == [{"id": id_, "city": "Oslo"} for id_ in made[at : at + 3]]

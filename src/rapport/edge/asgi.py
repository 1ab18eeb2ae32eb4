"""The server as one ASGI callable: the APIs' requests straight to their endpoints, all else through the framework."""

from starlette.types import ASGIApp, Receive, Scope, Send

from rapport.edge.graphql.endpoint import GraphQLEndpoint, is_for_browser
from rapport.edge.rest.endpoint import RestEndpoint
from rapport.edge.traffic.cors import Cors

GRAPHQL_PATHS = frozenset({"/graphql", "/metadata", "/graphql/", "/metadata/"})


class Application:
    """Routes by path. A browser that opens the GraphQL address gets the framework's page."""

    def __init__(self, graphql: GraphQLEndpoint, rest: RestEndpoint, framework: ASGIApp, cors: Cors) -> None:
        self._graphql = graphql
        self._rest = rest
        self._framework = framework
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            send = self._cors.around(scope, send)
        if scope["type"] == "http" and scope["path"] in GRAPHQL_PATHS and not is_for_browser(scope):
            await self._graphql(scope, receive, send)
        elif scope["type"] == "http" and (scope["path"].startswith("/rest/") or scope["path"] == "/rest"):
            await self._rest(scope, receive, send)
        else:
            await self._framework(scope, receive, send)

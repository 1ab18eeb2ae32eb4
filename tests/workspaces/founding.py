"""Somebody who makes a workspace, over HTTP."""

from tests.accounts.guest import NEW_WORKSPACE, Guest
from tests.serving import Client

ACTIVATE = """mutation ($name: String) {
    activateWorkspace(data: {displayName: $name}) { id displayName subdomain activationStatus }
}"""


async def founder(client: Client, email: str = "new@example.com") -> tuple[Guest, str]:
    """Somebody whose workspace waits for its activation, and their token for it."""
    guest = Guest(client=client)
    agnostic = await guest.sign_up(email)
    made = await guest.data(NEW_WORKSPACE, {"input": {}}, token=agnostic)
    return guest, (await guest.enter(made["loginToken"]))[0]

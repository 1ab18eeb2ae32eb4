"""The system operations about users."""

from collections.abc import Mapping
from uuid import UUID

from rapport.access.principal import Principal
from rapport.access.request import Plain, RequestContext, Resolver
from rapport.base.errors import Forbidden
from rapport.store.database import Database
from rapport.system.area import Area, read_sdl
from rapport.users.errors import MemberIdNotValid, MemberNotFound
from rapport.users.leaving import Leaving
from rapport.users.onboarding import Step, finish
from rapport.users.reading import UserReader

Arguments = Mapping[str, object]


def area(db: Database, reader: UserReader, leaving: Leaving) -> Area:
    operations = _Operations(db, reader, leaving)
    return Area(sdl=read_sdl("rapport.users"), resolvers=operations.resolvers)


class _Operations:
    """One method an operation."""

    def __init__(self, db: Database, reader: UserReader, leaving: Leaving) -> None:
        self._db = db
        self._reader = reader
        self._leaving = leaving

    @property
    def resolvers(self) -> Mapping[str, Resolver]:
        """By the names of `schema.graphql`."""
        return {
            "currentUser": self.current,
            "deleteUser": self.delete,
            "deleteUserFromWorkspace": self.remove,
            "skipBookOnboardingStep": self.skip("BOOK_ONBOARDING"),
            "skipSyncEmailOnboardingStep": self.skip("CONNECT_ACCOUNT"),
        }

    async def current(self, context: RequestContext, _arguments: Arguments) -> object:
        return Plain(await self._reader.caller(_principal(context), context.fields))

    async def delete(self, context: RequestContext, _arguments: Arguments) -> object:
        principal = _principal(context)
        answer = await self._reader.caller(principal, context.fields)
        await self._leaving.delete_user(principal, address=context.address)
        return Plain(answer)

    async def remove(self, context: RequestContext, arguments: Arguments) -> object:
        principal = _principal(context)
        try:
            member_id = UUID(str(arguments["workspaceMemberIdToDelete"]))
        except ValueError:
            raise MemberIdNotValid from None
        answer = await self._reader.membership_of_record(principal, member_id, context.fields)
        await self._leaving.remove_member(principal, member_id, address=context.address)
        if answer is None:
            raise MemberNotFound
        return Plain(answer)

    def skip(self, step: Step) -> Resolver:
        async def resolve(context: RequestContext, _arguments: Arguments) -> object:
            principal = _principal(context)
            if principal.user_id is None or principal.workspace_id is None:
                raise Forbidden
            await finish(self._db, user_id=principal.user_id, workspace_id=principal.workspace_id, step=step)
            return {"success": True}

        return resolve


def _principal(context: RequestContext) -> Principal:
    if context.principal is None:
        raise Forbidden
    return context.principal

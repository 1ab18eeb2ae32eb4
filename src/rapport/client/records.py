"""The verbs on records: each makes a call and hands it to the driver that the client has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, Unpack

from rapport.client import reading
from rapport.client.call import Call, Record, Records, Repeating, Reply, T, Values, below
from rapport.client.imports import Importing, Source, importing
from rapport.client.questions import Exporting, Filter, Grouping, Listing, Query, Walk, known, written
from rapport.client.reading import Page

OneT = TypeVar("OneT")
ManyT = TypeVar("ManyT")
PageT = TypeVar("PageT")
PagesT = TypeVar("PagesT")

_UPSERT = (("upsert", "true"),)
_HARD = (("soft_delete", "false"),)


@dataclass(frozen=True, kw_only=True)
class Sending(Generic[OneT, ManyT, PageT, PagesT]):
    """How a driver turns calls into what callers get: the answer itself, or something to await.

    It is one and the same function four times, since the type that it answers with depends on that of the call.
    """

    one: Callable[[Call[Record]], OneT]
    many: Callable[[Call[Records]], ManyT]
    page: Callable[[Call[Page]], PageT]
    pages: Callable[[Call[list[Page]]], PagesT]


class Collection(Generic[OneT, ManyT, PageT, PagesT]):
    """What there are many of at one address, and what can be done to each of them."""

    def __init__(self, sending: Sending[OneT, ManyT, PageT, PagesT], *path: str) -> None:
        self._sending = sending
        self._path = path

    def list(self, **asked: Unpack[Listing]) -> PageT:
        """One page."""
        return self._sending.page(self._page(asked))

    def get(self, which: str, /, *, depth: int | None = None) -> OneT:
        """The one with this id."""
        query = written({"depth": depth})
        return self._sending.one(Call(method="GET", path=self._at(which), query=query, read=reading.record))

    def create(self, values: Values | None = None, /, **fields: object) -> OneT:
        """A new one with these fields, which are given as one mapping, as arguments, or as both."""
        return self._sending.one(self._post({**(values or {}), **fields}, reading.record))

    def update(self, which: str, values: Values | None = None, /, **fields: object) -> OneT:
        """Changes what is named, and leaves the rest."""
        json = {**(values or {}), **fields}
        call = Call(method="PATCH", path=self._at(which), json=json, read=reading.record, repeating=_repeating_of(json))
        return self._sending.one(call)

    def delete(self, which: str, /) -> OneT:
        """Deletes it. Records can be restored; objects and fields of the data model cannot."""
        return self._sending.one(self._delete(which))

    def _at(self, *more: str) -> str:
        return below(*self._path, *more)

    def _page(self, asked: Listing) -> Call[Page]:
        return Call(method="GET", path=self._at(), query=written(known(asked, Listing)), read=reading.page)

    def _next(self, asked: Walk, page: Page) -> Walk | None:
        """What to ask for the page behind this one; None when there is none."""
        if not page.page_info.has_next_page or page.page_info.end_cursor is None:
            return None
        rest: Walk = {**asked, "after": page.page_info.end_cursor}
        rest.pop("offset", None)
        return rest

    def _post(self, json: object, read: Callable[[Reply], T], *more: str, query: Query = ()) -> Call[T]:
        return Call(
            method="POST", path=self._at(*more), query=query, json=json, read=read, repeating=Repeating.WITH_KEY
        )

    def _delete(self, which: str, query: Query = ()) -> Call[Record]:
        return Call(method="DELETE", path=self._at(which), query=query, read=reading.record, if_gone={"id": which})


class RecordCollection(Collection[OneT, ManyT, PageT, PagesT]):
    """The records of one object. What is done to many is done to all of them or to none."""

    def __init__(self, sending: Sending[OneT, ManyT, PageT, PagesT], plural: str) -> None:
        super().__init__(sending, "rest", plural)
        self.plural = plural

    def destroy(self, which: str, /) -> OneT:
        """Removes it for good."""
        return self._sending.one(self._delete(which, _HARD))

    def restore(self, which: str, /) -> OneT:
        """Takes back that it was deleted."""
        return self._sending.one(Call(method="PATCH", path=self._at(which, "restore"), read=reading.record))

    def upsert(self, values: Values | None = None, /, **fields: object) -> OneT:
        """Updates the record that has the same id or the same value of a unique field, else creates one."""
        return self._sending.one(self._post({**(values or {}), **fields}, reading.record, query=_UPSERT))

    def create_many(self, records: Iterable[Values]) -> ManyT:
        """New records, as many as the server takes at once (60). ``import_`` takes any number."""
        return self._sending.many(self._batch("POST", list(records), Repeating.WITH_KEY))

    def upsert_many(self, records: Iterable[Values]) -> ManyT:
        return self._sending.many(self._batch("POST", list(records), Repeating.WITH_KEY, _UPSERT))

    def update_many(self, records: Iterable[Values]) -> ManyT:
        """Each record is named by the `id` among its values. Changes what is named of it."""
        values = list(records)
        return self._sending.many(self._batch("PATCH", values, _repeating_of(*values)))

    def delete_many(self, ids: Iterable[str]) -> ManyT:
        """Ids of nothing are passed over."""
        return self._sending.many(self._batch("DELETE", list(ids)))

    def destroy_many(self, ids: Iterable[str]) -> ManyT:
        return self._sending.many(self._batch("DELETE", list(ids), query=_HARD))

    def update_where(self, where: Filter, values: Values) -> ManyT:
        """Changes all that the filter finds."""
        return self._sending.many(self._where("PATCH", where, json=values))

    def delete_where(self, where: Filter) -> ManyT:
        return self._sending.many(self._where("DELETE", where))

    def restore_where(self, where: Filter) -> ManyT:
        call = self._where("PATCH", where)
        return self._sending.many(replace(call, path=below("rest", "restore", self.plural)))

    def merge(self, ids: Sequence[str], *, priority: int = 0, dry_run: bool = False) -> OneT:
        """Makes one record of several; where they differ, that at ``priority`` goes first. A dry run only shows it."""
        json = {"ids": list(ids), "conflictPriorityIndex": priority, "dryRun": dry_run}
        repeating = Repeating.FREELY if dry_run else Repeating.NEVER
        path = self._at("merge")
        return self._sending.one(Call(method="PATCH", path=path, json=json, read=reading.record, repeating=repeating))

    def find_duplicates(self, *, ids: Sequence[str] | None = None, data: Sequence[Values] | None = None) -> PagesT:
        """For each of the ids, or each of the drafts of records, a page of those that look like it."""
        json = {name: list(value) for name, value in (("ids", ids), ("data", data)) if value is not None}
        path = self._at("duplicates")
        return self._sending.pages(Call(method="POST", path=path, json=json, read=reading.duplicates))

    def group_by(self, by: str | Sequence[object], **asked: Unpack[Grouping]) -> ManyT:
        """A row for each group, `{"groupByDimensionValues": ["NEW"], "totalCount": "3"}`.

        ``by`` names fields, `"stage"`, or is as in GraphQL: `[{"closeDate": {"granularity": "MONTH"}}]`.
        """
        query = written({"group_by": by, **known(asked, Grouping)})
        return self._sending.many(Call(method="GET", path=self._at("groupBy"), query=query, read=reading.bare_list))

    def import_(self, source: Source, /, **asked: Unpack[Importing]) -> OneT:
        """Begins to take in a file (bytes, or one that is open in binary mode) or any number of records.

        Gives the import, which goes on by itself: ``client.imports.wait(found["id"])``. The name of a file is a
        TypeError.
        """
        return self._sending.one(importing(self.plural, source, asked))

    def _export(self, kind: str, asked: Exporting, *, csv_safe: bool = False) -> Call[None]:
        query = written({"format": kind, **known(asked, Exporting), "csv_safe": csv_safe or None})
        return Call(method="GET", path=self._at("export"), query=query, read=reading.nothing)

    def _batch(
        self, method: str, json: object, repeating: Repeating = Repeating.FREELY, query: Query = ()
    ) -> Call[Records]:
        path = below("rest", "batch", self.plural)
        return Call(method=method, path=path, query=query, json=json, read=reading.records, repeating=repeating)

    def _where(self, method: str, where: Filter, json: object = None) -> Call[Records]:
        query = written({"filter": where})  # which could find others the next time
        return Call(
            method=method, path=self._at(), query=query, json=json, read=reading.records, repeating=Repeating.NEVER
        )


def _repeating_of(*changes: Values) -> Repeating:
    """Of changes. Those that create linked records would create them again."""
    creates = any(isinstance(value, Mapping) and "create" in value for each in changes for value in each.values())
    return Repeating.NEVER if creates else Repeating.FREELY

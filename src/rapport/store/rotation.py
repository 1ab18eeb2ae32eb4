"""Who has connections, and who waits for one: nobody has all, and nobody waits for all that another has sent."""

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")

# For whom the current task works. Not an argument: all that lies between a request and the pool would have to pass it.
on_behalf_of: ContextVar[Hashable] = ContextVar("on_behalf_of", default=None)


class Rotation(Generic[T]):
    """A queue of queues: the requests of one owner go in the order in which they came, owners take turns.

    An owner with ``most`` connections gets no further one. None is nobody in particular, and has no limit.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._held: dict[Hashable, int] = {}
        self._queues: OrderedDict[Hashable, deque[T]] = OrderedDict()
        self._full: dict[Hashable, deque[T]] = {}  # of owners who have the most

    def __bool__(self) -> bool:
        """Whether somebody waits who may have a connection."""
        return bool(self._queues)

    def __iter__(self) -> Iterator[T]:
        """All who wait."""
        for queues in (self._queues, self._full):
            for queue in queues.values():
                yield from queue

    def may_have(self, owner: Hashable) -> bool:
        """Whether the owner may have one more."""
        return owner is None or self._held.get(owner, 0) < self._most

    def take(self, owner: Hashable) -> None:
        """The owner has one more."""
        if owner is None:
            return
        held = self._held[owner] = self._held.get(owner, 0) + 1
        if held >= self._most and owner in self._queues:
            self._full[owner] = self._queues.pop(owner)

    def give_back(self, owner: Hashable) -> None:
        """The owner has one less."""
        if owner is None:
            return
        held = self._held[owner] - 1
        if held:
            self._held[owner] = held
        else:
            del self._held[owner]
        if owner in self._full:
            self._queues[owner] = self._full.pop(owner)

    def append(self, owner: Hashable, item: T) -> None:
        queues = self._queues if self.may_have(owner) else self._full
        queue = queues.get(owner)
        if queue is None:
            queue = queues[owner] = deque()
        queue.append(item)

    def popleft(self) -> tuple[Hashable, T]:
        """Whose turn it is."""
        owner, queue = next(iter(self._queues.items()))
        item = queue.popleft()
        if queue:
            self._queues.move_to_end(owner)
        else:
            del self._queues[owner]
        return owner, item

    def drain(self) -> Iterator[T]:
        """All who wait; they do not any more."""
        for queues in (self._queues, self._full):
            while queues:
                _, queue = queues.popitem()
                yield from queue

"""Names that a document must not have twice."""


class Names:
    """Hands out each name once. Whoever comes second gets another: `Note`, `Note2`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        name, number = wanted, 2
        while name in self._taken:
            name, number = f"{wanted}{number}", number + 1
        self._taken.add(name)
        return name

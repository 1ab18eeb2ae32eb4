"""Which of the things that there are a file means by its names, when some of them have other names so far."""

from collections.abc import Collection, Mapping


def claims(wanted: Mapping[str, str | None], there: Collection[str]) -> Mapping[str, str]:
    """The present name of each wanted one that there is. ``wanted``: names, with the one each `was` called.

    What has been renamed before keeps its name, whatever it was called; so a file can be applied again.

    >>> claims({"a": None, "b": "old", "c": "gone", "d": None}, ["a", "old"])
    {'a': 'a', 'b': 'old'}
    >>> claims({"b": "a", "a": None}, ["a"])  # and there is a new a
    {'b': 'a'}
    >>> claims({"b": "a", "c": "b"}, ["a", "b"])  # both move on by one
    {'b': 'a', 'c': 'b'}
    """
    taken: dict[str, str] = {}  # wanted by present name
    moved = True
    while moved:
        moved = False
        for name, was in wanted.items():
            is_there = name in there and taken.get(name, name) == name
            if was is not None and was in there and was not in taken and name not in taken.values() and not is_there:
                taken[was], moved = name, True
    found = {name: present for present, name in taken.items()}
    for name in wanted:
        if name in there and name not in taken and name not in found:
            found[name] = name
    return {name: found[name] for name in wanted if name in found}


def ambiguous(wanted: Mapping[str, str | None], there: Collection[str]) -> dict[str, str]:
    """Names with what they were called, where that cannot be: the old one is there beside the new one, and the file
    does not say what becomes of it, or it is said to have become two.
    """
    meant = claims(wanted, there)
    renamed = {present: name for name, present in meant.items() if name != present}
    return {
        name: was
        for name, was in wanted.items()
        if was is not None
        and was in there
        and was != name
        and ((meant.get(name) == name and was not in meant.values()) or renamed.get(was, name) != name)
        and not (meant.get(name) == name and was in renamed)
    }

"""The merge of records once more, slow and plain: on rows as Python dictionaries."""

from collections.abc import Mapping, Sequence

Row = Mapping[str, object]

EMPTY: tuple[object, ...] = (None, "", [], {})


def merged(kinds: Mapping[str, str], rows: Sequence[Row], priority: int) -> dict[str, object]:
    """The columns of the record that is left. ``kinds``: the type of each field that takes part, by its name.

    A LINK leads to a record of the same object; a GROUP is of links of which one at most is set.
    """
    cut = [_cut(kinds, rows, row, is_own=row is rows[priority]) for row in rows]
    result = dict(cut[priority])
    for name, kind in kinds.items():
        result |= _field(name, kind, cut, priority)
    return result


def _cut(kinds: Mapping[str, str], rows: Sequence[Row], row: Row, *, is_own: bool) -> Row:
    """The row without links to those that it becomes one with; that of the survivor to itself may stay."""
    links = [f"{name}Id" for name, kind in kinds.items() if kind == "LINK"] + ["groupToThingId"]
    ids = [other["id"] for other in rows]
    gone = [column for column in links if row[column] in ids and not (is_own and row[column] == row["id"])]
    return {column: None if column in gone else value for column, value in row.items()}


def _field(name: str, kind: str, rows: Sequence[Row], priority: int) -> dict[str, object]:
    match kind:
        case "EMAILS":
            return _emails(name, rows, priority)
        case "PHONES":
            return _phones(name, rows, priority)
        case "LINKS":
            return _links(name, rows, priority)
        case "ARRAY" | "MULTI_SELECT":
            return _lists(name, rows, priority)
        case "LINK":
            found = [row[f"{name}Id"] for row in _first(rows, priority) if row[f"{name}Id"] is not None]
            return {f"{name}Id": found[0] if found else None}
        case "GROUP":
            columns = [column for column in rows[0] if column.startswith(f"{name}To")]
            for row in _first(rows, priority):
                if any(row[column] is not None for column in columns):
                    return {column: row[column] for column in columns}
            return {}
    columns = [
        column for column in rows[0] if column == name or (column.startswith(name) and column[len(name)].isupper())
    ]
    decisive = [column for column in columns if kind != "CURRENCY" or column.endswith("AmountMicros")]
    for row in _first(rows, priority):
        if any(row[column] not in EMPTY for column in decisive):
            return {column: row[column] for column in columns}
    return {}


def _first(rows: Sequence[Row], priority: int) -> list[Row]:
    return [rows[priority], *rows]


def _having(rows: Sequence[Row], *columns: str) -> list[Row]:
    return [row for row in rows if any(row[column] not in EMPTY for column in columns)]


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _emails(name: str, rows: Sequence[Row], priority: int) -> dict[str, object]:
    primary, additional = f"{name}PrimaryEmail", f"{name}AdditionalEmails"
    having = _having(rows, primary, additional)
    if len(having) < 2:
        return {column: row[column] for row in having for column in (primary, additional)}
    kept = [row[primary] for row in _first(rows, priority) if row[primary] not in EMPTY]
    chosen = kept[0] if kept else None
    rest: list[object] = []
    for row in having:
        for each in [row[primary], *_items(row[additional])]:
            if each not in EMPTY and each != chosen and each not in rest:
                rest.append(each)
    return {primary: chosen, additional: rest or None}


def _phones(name: str, rows: Sequence[Row], priority: int) -> dict[str, object]:
    subs = ("PrimaryPhoneNumber", "PrimaryPhoneCountryCode", "PrimaryPhoneCallingCode")
    number, country, calling = (name + sub for sub in subs)
    additional = f"{name}AdditionalPhones"
    columns = (number, country, calling, additional)
    having = _having(rows, *columns)
    if len(having) < 2:
        return {column: row[column] for row in having for column in columns}
    preferred = rows[priority] if rows[priority] in having else having[0]
    kept = [row for row in _first(rows, priority) if row[number] not in EMPTY]
    chosen = kept[0] if kept else preferred
    dialled = [(chosen[calling], chosen[number])]
    rest: list[object] = []
    for row in having:
        own = {"number": row[number], "countryCode": row[country], "callingCode": row[calling]}
        for each in [own, *_items(row[additional])]:
            assert isinstance(each, dict)
            called = (each["callingCode"], each["number"])
            if each["number"] not in EMPTY and called not in dialled:
                dialled.append(called)
                rest.append(each)
    return {**{column: chosen[column] for column in columns}, additional: rest or None}


def _links(name: str, rows: Sequence[Row], priority: int) -> dict[str, object]:
    label, url, secondary = f"{name}PrimaryLinkLabel", f"{name}PrimaryLinkUrl", f"{name}SecondaryLinks"
    having = _having(rows, label, url, secondary)
    if len(having) < 2:
        return {column: row[column] for row in having for column in (label, url, secondary)}
    preferred = rows[priority] if rows[priority] in having else having[0]
    kept = [row for row in _first(rows, priority) if row[url] not in EMPTY]
    chosen = kept[0] if kept else preferred
    seen = [chosen[url]]
    rest: list[object] = []
    for row in having:
        for each in [{"label": row[label], "url": row[url]}, *_items(row[secondary])]:
            assert isinstance(each, dict)
            if each["url"] not in EMPTY and each["url"] not in seen:
                seen.append(each["url"])
                rest.append(each)
    return {label: chosen[label], url: chosen[url], secondary: rest or None}


def _lists(name: str, rows: Sequence[Row], priority: int) -> dict[str, object]:
    having = _having(rows, name)
    if not having:
        return {}
    if len(having) == 1:
        return {name: having[0][name]}
    union: list[object] = []
    for row in having:
        union += [each for each in _items(row[name]) if each not in union]
    # An element twice in one list is no different from an element once.
    return {name: [each for place, each in enumerate(union) if each not in union[:place]]}

"""Rows of a file as rows of a table: what can be done without asking the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapport.base.errors import InvalidValue, RapportError
from rapport.imports.cells import Read, reader_of
from rapport.imports.columns import Columns, Given, Linked, Passed, Target
from rapport.imports.errors import InvalidOption, UnknownColumns
from rapport.imports.options import ImportOptions
from rapport.imports.parsing import Unreadable
from rapport.imports.problems import Problem, problem
from rapport.imports.reading import Batch
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.records.misfits import UnknownField
from rapport.records.rows import RowBuilder, Rows

_NOT_YET = "00000000-0000-0000-0000-000000000000"  # in links whose records are still to be found
_UNUSUAL = 10_000  # names in records of NDJSON that are remembered


@dataclass(slots=True)
class _Source:
    """Where the values of a row come from: a column's name and the value as the file has it, by key and part."""

    row: int
    given: dict[tuple[str, str], tuple[str, Json]] = field(default_factory=dict)
    links: dict[str, tuple[Linked, Json]] = field(default_factory=dict)  # by key; the values by which to find


@dataclass(frozen=True, slots=True)
class _Cells:
    """A column of CSV: the name in the file, and where and how its values go."""

    name: str
    key: str
    sub: str
    read: Read | None
    link: Linked | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The rows of a batch that fit their fields, and what is wrong with the others.

    ``numbers`` are those of the file's rows; ``links`` are for each relation the values by which records are to be
    found, None for rows without; ``keys`` the values of the column by which rows match records; ``names`` what the file
    calls columns of the table.
    """

    batch: Batch
    rows: Rows
    numbers: Sequence[int]
    links: Sequence[tuple[Linked, Sequence[Json]]]
    keys: Sequence[Json]
    names: Mapping[str, str]
    problems: Sequence[Problem]
    count: int  # of rows with something in them


class Converter:
    """Converts the batches of one file by one version of the data model."""

    def __init__(self, catalog: Catalog, item: Object, options: ImportOptions) -> None:
        """Raises UnknownColumns, ForbiddenColumn and InvalidOption."""
        self._object = item
        self._options = options
        self._columns = Columns(catalog, item)
        self._builder = RowBuilder(catalog, item)
        self._targets: dict[str, Target | None] = {}
        self.names: dict[str, str] = {}
        self._cells: list[_Cells | None] = []
        self.match = self._matching()
        if options.format == "csv":
            found = _resolved(self._columns, options)
            for each in found:
                self._name(each)
            self._cells = [_cells_of(each) for each in found]

    def convert(self, batch: Batch) -> Prepared:
        data: list[dict[str, Json]] = []
        sources: list[_Source] = []
        problems: list[Problem] = []
        count = 0
        read = self._read_cells if self._options.format == "csv" else self._read_record
        for number, row in enumerate(batch.rows, start=batch.first):
            if row is None:
                continue
            source = _Source(number)
            try:
                if isinstance(row, Unreadable):
                    raise InvalidValue(row.reason)
                record = read(row, source)  # type: ignore[arg-type]  # the rows are of the options' format
            except RapportError as error:
                count += 1
                problems.append(problem(number, error))
                continue
            if record is None:
                continue
            count += 1
            data.append(record)
            sources.append(source)
        refused: dict[int, RapportError] = {}
        rows = self._builder.creation(list(data), upsert=self._options.mode != "create", refused=refused)
        for index, reason in refused.items():
            problems += self._explained(self._traced(sources[index], batch), data[index], reason)
        good = [source for index, source in enumerate(sources) if index not in refused]
        return Prepared(
            batch=batch,
            rows=rows,
            numbers=[source.row for source in good],
            links=_links(good),
            keys=[] if self.match is None else [row.get(self.match.name) for row in rows.values],
            names=self.names,
            problems=sorted(problems, key=lambda each: each.row or 0),
            count=count,
        )

    # -- rows of CSV ----------------------------------------------------------------------------------------------

    def _read_cells(self, row: Sequence[str], source: _Source) -> dict[str, Json] | None:
        """None for a row without a value."""
        record: dict[str, Json] = {}
        null = self._options.null
        for cell, cells in zip(row, self._cells, strict=False):
            if not cell or cells is None:
                continue
            if cell == null:
                value: Json = None
            else:
                value = cell if cells.read is None else cells.read(cell)
            if cells.link is not None:
                self._put(record, source, cells.link, value, cell)
            elif not cells.sub:
                record[cells.key] = value
            elif cells.key in record:
                record[cells.key][cells.sub] = value  # type: ignore[index,call-overload]  # the header has no conflict
            else:
                record[cells.key] = {cells.sub: value}
        if len(row) > len(self._cells) and any(row[len(self._cells) :]):
            raise InvalidValue(f"The row has {len(row)} values, more than there are columns ({len(self._cells)}).")
        return record if record or any(row) else None

    # -- records of NDJSON ----------------------------------------------------------------------------------------

    def _read_record(self, row: Mapping[str, Json], source: _Source) -> dict[str, Json] | None:
        record: dict[str, Json] = {}
        for name, value in row.items():
            for path, each in _paths(name, value, self._columns):
                target = self._target(path)
                if isinstance(target, Given):
                    self._put(record, source, target, _writable(target, each), each)
                elif isinstance(target, Linked):
                    self._put(record, source, target, each, each)
        return record

    def _target(self, name: str) -> Target:
        """Raises UnknownField, ForbiddenColumn."""
        found = self._targets.get(name)
        if found is None:
            found = self._columns.find(name)
            if found is None:
                if not self._options.ignore_unknown:
                    raise UnknownField(self._object, name, creating=True)
                found = Passed(name=name)
            if len(self._targets) < _UNUSUAL:
                self._targets[name] = found
                self._name(found)
        return found

    # -- both -----------------------------------------------------------------------------------------------------

    def _put(self, record: dict[str, Json], source: _Source, target: Given | Linked, value: Json, raw: Json) -> None:
        """Adds a value to a record. Raises InvalidValue when it has one there."""
        key = target.key
        if isinstance(target, Linked):
            if key in record:
                raise InvalidValue(f'More than one value is given for "{target.field.name}".')
            record[key] = None if value is None else _NOT_YET
            if value is not None:
                source.links[key] = (target, _canonical(target, value))
            source.given[key, ""] = (target.name, raw)
            return
        sub = target.sub
        if sub:
            parts = record.setdefault(key, {})
            if not isinstance(parts, dict) or sub in parts:
                raise InvalidValue(f'More than one value is given for "{target.field.name}".')
            parts[sub] = value
        elif key in record:
            raise InvalidValue(f'More than one value is given for "{target.field.name}".')
        else:
            record[key] = value
        source.given[key, sub] = (target.name, raw)

    def _name(self, target: Target) -> None:
        if isinstance(target, Linked):
            self.names[target.key] = target.name
        elif isinstance(target, Given):
            subs = (target.sub,) if target.sub else tuple(target.field.column_of)
            self.names |= {target.field.column_of[sub].name: target.name for sub in subs}

    def _matching(self) -> Column | None:
        name = self._options.match
        if name is None:
            return None
        target = self._columns.find(name)
        column = target.column if isinstance(target, Given) else None
        if column is None or column.leaf.sql_type in ("jsonb", "text[]"):
            raise InvalidOption(f"'{name[:80]}' is not a column by which records can be matched.")
        return column

    def _explained(self, source: _Source, record: Mapping[str, Json], error: RapportError) -> Iterable[Problem]:
        """What is wrong with a row: which of its columns would be refused alone; else the row as a whole."""
        found: list[Problem] = []
        for key, value in record.items():
            alone = self._refusal({key: value})
            if alone is None:
                continue
            own = {sub: given for (of, sub), given in source.given.items() if of == key}
            name, raw, reason = key, value, alone
            if isinstance(value, dict) and len(own) > 1:  # parts may depend on each other, as those of a phone number
                refusals = {sub: self._refusal({key: {sub: value[sub]}}) for sub in own}
                at_fault = [(sub, refusal) for sub, refusal in refusals.items() if refusal is not None]
                if len(at_fault) == 1:
                    ((sub, reason),) = at_fault
                    name, raw = own[sub]
            else:
                ((name, raw),) = own.values()
            found.append(problem(source.row, reason, name, raw))
        return found or [problem(source.row, error)]

    def _traced(self, source: _Source, batch: Batch) -> _Source:
        """With the cells of the row."""
        row = batch.rows[source.row - batch.first]
        if isinstance(row, list):
            source.given = {
                (cells.key, cells.sub): (cells.name, cell)
                for cell, cells in zip(row, self._cells, strict=False)
                if cell and cells is not None
            }
        return source

    def _refusal(self, record: dict[str, Json]) -> RapportError | None:
        refused: dict[int, RapportError] = {}
        self._builder.creation([record], refused=refused)
        return refused.get(0)


def check_header(columns: Columns, options: ImportOptions) -> None:
    """Raises UnknownColumns, ForbiddenColumn and InvalidOption."""
    _resolved(columns, options)


def _resolved(columns: Columns, options: ImportOptions) -> list[Target]:
    found: list[Target] = []
    unknown: list[str] = []
    for name in options.header:
        target = columns.find(name) if name else Passed(name=name)
        if target is None:
            unknown.append(name)
            target = Passed(name=name)
        found.append(target)
    if unknown and not options.ignore_unknown:
        raise UnknownColumns(unknown, columns.known)
    _demand_once(each for each in found if isinstance(each, Given | Linked))
    if all(isinstance(each, Passed) for each in found):
        raise UnknownColumns(options.header, columns.known)
    return found


def _demand_once(targets: Iterable[Given | Linked]) -> None:
    """No value is given by two columns. Raises InvalidOption."""
    seen: dict[tuple[str, str], str] = {}
    for each in targets:
        sub = each.sub if isinstance(each, Given) else ""
        for other in ((each.key, sub), (each.key, "")):
            if other in seen:
                raise InvalidOption(f"Columns '{seen[other]}' and '{each.name}' are about the same value.")
        if not sub and any(key == each.key for key, _ in seen):
            other_name = next(name for (key, _), name in seen.items() if key == each.key)
            raise InvalidOption(f"Columns '{other_name}' and '{each.name}' are about the same value.")
        seen[each.key, sub] = each.name


def _cells_of(target: Target) -> _Cells | None:
    """How the cells of a column are read; None when they are not."""
    if isinstance(target, Given):
        return _Cells(target.name, target.key, target.sub, reader_of(target))
    return _Cells(target.name, target.key, "", None, target) if isinstance(target, Linked) else None


def _links(sources: Sequence[_Source]) -> list[tuple[Linked, Sequence[Json]]]:
    """By column: two may lead to the same relation, in records of NDJSON."""
    targets = {id(target): target for source in sources for target, _ in source.links.values()}
    found: list[tuple[Linked, Sequence[Json]]] = []
    for key, target in targets.items():
        values = [source.links.get(target.key) for source in sources]
        found.append((target, [None if each is None or id(each[0]) != key else each[1] for each in values]))
    return found


def _canonical(target: Linked, value: Json) -> Json:
    """The value as the linked record would have it. Raises InvalidValue."""
    by, column = target.by, target.column
    found = by.type.write(by, {column.sub: value} if column.sub else value)[column.name]
    if found is None or found == "":
        raise InvalidValue(f'A record cannot be found by "{target.name}" without a value.')
    return found


def _writable(target: Given, value: Json) -> Json:
    """Without the parts that the server fills in, which an export has."""
    if target.sub or not isinstance(value, dict):
        return value
    columns = target.field.column_of
    return {sub: part for sub, part in value.items() if sub not in columns or columns[sub].in_input}


def _paths(name: str, value: Json, columns: Columns) -> Iterable[tuple[str, Json]]:
    """`"company": {"name": "Acme"}` is `"company.name": "Acme"`; so is what `connect` has in GraphQL."""
    if not isinstance(value, dict) or not columns.is_link(name):
        return ((name, value),)
    while len(value) == 1 and isinstance(inner := value.get("connect", value.get("where")), dict):
        value = inner
    if len(value) != 1:
        raise InvalidValue(f'"{name}" must name one field by which the record is found.')
    ((by, found),) = value.items()
    while isinstance(found, dict) and len(found) == 1:
        ((sub, found),) = found.items()
        by = f"{by}.{sub}"
    return ((f"{name}.{by}", found),)

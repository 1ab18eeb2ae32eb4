"""The tables of a workspace as SQL, made from its catalog. Every name is qualified, quoted and deterministic."""

from collections.abc import Iterator

from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf
from rapport.metadata.indexes import Index, indexes
from rapport.metadata.names import bounded, literal, qualified, quote

# Folding: compatibility decomposition without its combining marks and without what has no width, then the letters that
# have no decomposition.
_MARKS = "[\\u0300-\\u036f\\u00ad\\u200b-\\u200f\\u2060\\ufeff]"
_LETTERS = ("øØłŁđĐħĦŧŦı", "oollddhhtti")
_PAIRS = (("ß", "ss"), ("æ", "ae"), ("Æ", "ae"), ("œ", "oe"), ("Œ", "oe"), ("þ", "th"), ("Þ", "th"))
# Where PostgreSQL's parser joins words (addresses, paths, numbers with a sign) or drops them (`<tag>`, `&entity;`): the
# text is split here as well, so that each part is found. The first part of a word need not be: the whole begins so.
_SEPARATORS = "@.-_/+<&~"
_FIRST_PARTS = "(?:^|\\s)[^\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u007f]+"
# Signs outside ASCII, which the parser takes for letters in a database of the C locale: `O’Neil`, `東京・大阪`.
_SIGNS = "(?![\\u0001-\\u007f])[[:punct:]]"
# A vector holds at most 1 MB; this many characters of four bytes, each twice, stay below it.
_LONGEST_SEARCH_TEXT = 100_000

_DELETE_RULE = {"CASCADE": "cascade", "SET_NULL": "set null", "RESTRICT": "restrict", "NO_ACTION": "no action"}


def create_statements(catalog: Catalog) -> list[str]:
    """All that a new workspace needs, in order: schema, functions, tables, foreign keys, indexes."""
    statements = [f"create schema {quote(catalog.schema)}", *search_functions(catalog.schema)]
    statements += [create_table(catalog.schema, item) for item in catalog.objects]
    for item in catalog.objects:
        statements += create_foreign_keys(catalog, item)
    for item in catalog.objects:
        statements += create_indexes(catalog.schema, item)
    return statements


def search_functions(schema: str) -> list[str]:
    """`fold` takes case and accents away; `search_vector` indexes a text, addresses whole and in parts.

    A part that is a word of the text anyway is not counted a second time, so ranks are those of the words.
    They are PL/pgSQL because SQL functions in a generated column are planned again for every row written.
    """
    fold, vector = qualified(schema, "fold"), qualified(schema, "search_vector")
    folded = f"regexp_replace(normalize(value, nfkd), {literal(_MARKS)}, '', 'g')"
    for letter, pair in _PAIRS:
        folded = f"replace({folded}, {literal(letter)}, {literal(pair)})"
    folded = f"translate({folded}, {literal(_LETTERS[0])}, {literal(_LETTERS[1])})"
    create_fold = (
        f"create function {fold}(value text) returns text language plpgsql immutable strict parallel safe as $$\n"
        "begin\n"
        "  if octet_length(value) = length(value) then return lower(value); end if;\n"
        f"  return lower({folded});\n"
        "end $$"
    )
    dictionary, longest = "'pg_catalog.simple'::regconfig", _LONGEST_SEARCH_TEXT
    parts = f"translate(folded, {literal(_SEPARATORS)}, {literal(' ' * len(_SEPARATORS))})"
    create_vector = (
        f"create function {vector}(value text) returns tsvector language plpgsql immutable parallel safe as $$\n"
        f"declare folded text := left({fold}(left(value, {longest})), {longest}); whole tsvector;\n"
        "begin\n"
        "  if octet_length(folded) <> length(folded) then\n"
        f"    folded := regexp_replace(folded, {literal(_SIGNS)}, ' ', 'g');\n"
        "  end if;\n"
        f"  whole := to_tsvector({dictionary}, folded);\n"
        f"  if {parts} = folded then return whole; end if;\n"
        "  if strpos(folded, '<') = 0 then\n"
        f"    folded := regexp_replace(folded, {literal(_FIRST_PARTS)}, ' ', 'g');\n"
        "  end if;\n"
        f"  return whole || ts_delete(to_tsvector({dictionary}, {parts}), tsvector_to_array(whole));\n"
        "end $$"
    )
    return [create_fold, create_vector]


def create_table(schema: str, item: Object) -> str:
    """The table of an object, without foreign keys."""
    parts = [column_definition(schema, column) for column in item.columns]
    parts.append(f"constraint {quote(bounded('pk', item.table))} primary key (id)")
    parts += [
        f"constraint {quote(check_name(item, column))} check ({column.leaf.check_sql(quote(column.name))})"
        for column in item.columns
        if isinstance(column.leaf, SelectLeaf)
    ]
    return f"create table {qualified(schema, item.table)} (\n  " + ",\n  ".join(parts) + "\n)"


def column_definition(schema: str, column: Column) -> str:
    """`"stage" text default 'NEW'::text not null`"""
    definition = f"{quote(column.name)} {column.leaf.sql_type}"
    if column.generated_sql is not None:
        return f"{definition} generated always as ({generated_expression(schema, column)}) stored"
    if column.default_sql is not None:
        definition += f" default {column.default_sql}"
    return definition if column.nullable else f"{definition} not null"


def generated_expression(schema: str, column: Column) -> str:
    return (column.generated_sql or "").replace("{schema}", quote(schema))


def create_foreign_keys(catalog: Catalog, item: Object) -> list[str]:
    """One statement that adds all foreign keys of a table; none for a table without links."""
    constraints = [
        f"add constraint {quote(foreign_key_name(item, column))} foreign key ({quote(column)}) "
        f"references {qualified(catalog.schema, target.table)} (id) on delete {rule}"
        for column, target, rule in foreign_keys(catalog, item)
    ]
    return [f"alter table {qualified(catalog.schema, item.table)} {', '.join(constraints)}"] if constraints else []


def foreign_keys(catalog: Catalog, item: Object) -> Iterator[tuple[str, Object, str]]:
    """Join column, the object it leads to, and what happens when that record is destroyed."""
    by_name = {target.name: target for target in catalog.objects}
    for link in item.fields:
        if link.relation and link.is_to_one:
            yield link.relation.join_column, by_name[link.relation.target_object], _DELETE_RULE[link.relation.on_delete]


def create_indexes(schema: str, item: Object) -> list[str]:
    """Indexes for the orders that pages are walked in, for links, for unique fields and for search."""
    return [create_index(schema, item, each) for each in indexes(item)]


def create_index(schema: str, item: Object, index: Index, *, concurrently: bool = False) -> str:
    kind = "unique index" if index.is_unique else "index"
    how = " concurrently" if concurrently else ""
    return f"create {kind}{how} {quote(index.name)} on {qualified(schema, item.table)} {index.definition}"


def foreign_key_name(item: Object, column: str) -> str:
    return bounded("fk", item.table, column)


def check_name(item: Object, column: Column) -> str:
    return bounded("check", item.table, column.name)

"""Search vectors hold every word of a text, and of addresses and the like every part."""

import re
from string import punctuation

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.search.twin import parts
from tests.serving import Client

LETTERS = "abZ01éß東x’ – "
texts = st.text(st.sampled_from(LETTERS + punctuation), max_size=40)
many = settings(
    deadline=None,
    derandomize=True,
    max_examples=400,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(text=texts)
@settings(many)
async def test_each_part_of_each_word_is_found(client: Client, text: str) -> None:
    wanted = parts(text)
    vector = f'"{client.tenant.schema}".search_vector($1::text)'
    found = await client.database.value(
        f"select coalesce(array_agg(part), '{{}}') from unnest($2::text[]) part "
        f"where {vector} @@ (quote_literal(part) || ':*')::tsquery",
        text,
        wanted,
    )
    assert found == wanted
    lexemes = await client.database.value(f"select tsvector_to_array({vector})", text)
    assert isinstance(lexemes, list)
    pieces = {part for lexeme in lexemes for part in parts(lexeme)}
    assert all(any(piece in part for part in wanted) for piece in pieces), "nothing is found that is not there"


async def test_a_word_counts_once_and_the_parts_of_an_address_beside_it(client: Client) -> None:
    text = "Ádá ada@acme-corp.example.com o’neil +33612345678 [] bob"
    vector = await client.database.value(
        f'select array_to_string(array(select lexeme || positions::text from unnest("{client.tenant.schema}"'
        ".search_vector($1))), ' ')",
        text,
    )
    assert isinstance(vector, str)
    found = dict(re.findall(r"(\S+)\{([\d,]+)\}", vector))
    assert found.keys() == {
        *("ada", "ada@acme-corp.example.com", "acme", "corp", "example", "com"),
        *("o", "neil", "+33612345678", "33612345678", "bob"),
    }
    assert not any("," in positions for positions in found.values())


async def test_signs_beyond_ascii_and_characters_without_width_do_not_join_words(client: Client) -> None:
    fold = f'"{client.tenant.schema}"'
    vector = await client.database.value(
        f"select tsvector_to_array({fold}.search_vector($1))", "a–b «c» 東京・大阪 🚀rocket so\u00adft zero\u200bwidth"
    )
    assert vector == ["a", "b", "c", "rocket", "soft", "zerowidth", "大阪", "東京"]


async def test_the_names_inside_of_structured_fields_are_not_words(client: Client) -> None:
    await client.data(
        'mutation { createPerson(data: {name: {firstName: "Ada"}, phones: {primaryPhoneNumber: "612345678", '
        'primaryPhoneCallingCode: "+33", additionalPhones: [{number: "698765432", callingCode: "+33"}]}}) { id } }'
    )
    vector = await client.database.value(
        f'select tsvector_to_array("searchVector") from "{client.tenant.schema}".person'
    )
    assert vector == ["+33", "+33612345678", "33", "33612345678", "612345678", "698765432", "ada", "fr"]

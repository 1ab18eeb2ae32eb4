"""Addresses and operations of webhooks: what is taken, and in which form."""

import pytest

from rapport.webhooks.errors import InvalidOperation, InvalidTarget
from rapport.webhooks.operations import MOST_OPERATIONS, normalised_operations, operations_for
from rapport.webhooks.targets import LONGEST_TARGET, normalised_target, origin_of

TARGETS = {
    "https://a.b": "https://a.b/",
    " HTTP://Example.COM:80 ": "http://example.com/",
    "https://example.com:443/Hook?A=b&c": "https://example.com/Hook?A=b&c",
    "http://example.com:443/": "http://example.com:443/",
    "http://127.0.0.1:9/hook": "http://127.0.0.1:9/hook",
    "http://[0:0::1]:8080/x": "http://[::1]:8080/x",
    "https://example.com.": "https://example.com/",
    "https://example.com?q=1": "https://example.com/?q=1",
    "https://example.com/a b/ü/%41%2f?x=ü y": "https://example.com/a%20b/%C3%BC/%41%2f?x=%C3%BC%20y",
    "https://example.com/a/./b/../c/%2e%2E/d/.": "https://example.com/a/d/",
    "https://example.com/../../x": "https://example.com/x",
    "https://example.com//x//": "https://example.com//x//",
    "https://example.com/x?redirect=http://other.example/y": "https://example.com/x?redirect=http://other.example/y",
    "https://münchen.example/": "https://xn--mnchen-3ya.example/",
    "https://faß.example/": "https://xn--fa-hia.example/",
    "https://my_hook.example/": "https://my_hook.example/",
    "https://localhost/": "https://localhost/",
}

NO_TARGETS = [
    "",
    " ",
    "example.com",
    "//example.com",
    "/hook",
    "ftp://example.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,x",
    "http:example.com",
    "https://",
    "https:///hook",
    "http://:80/",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://@example.com/",
    "https://example.com/#fragment",
    "https://example.com#@127.0.0.1/",
    "https://example.com\\@127.0.0.1/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:http/",
    "http://example.com:-1/",
    "http://exa mple.com/",
    "http://example.com\r\nHost: other/",
    "http://example.com/\x00",
    "http://exam\tple.com/",
    "http://example.com/\u2028",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://0177.0.0.1/",
    "http://256.0.0.1/",
    "http://1.2.3.4.5/",
    "http://[::1/",
    "http://[::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[127.0.0.1]/",
    "http://::1/",
    "http://%31%32%37.0.0.1/",
    "http://-example.com/",
    "http://example..com/",
    "http://.example.com/",
    "http://" + "a" * 64 + ".com/",
    "http://" + "a." * 127 + "com/",
    "http://①②⑦.0.0.1/",
    "http://\ud800.com/",
    "http://example.com/\ud800",
]


@pytest.mark.parametrize(("given", "stored"), TARGETS.items())
def test_an_address_is_stored_in_one_form(given: str, stored: str) -> None:
    assert normalised_target(given) == stored
    assert normalised_target(stored) == stored


@pytest.mark.parametrize("given", NO_TARGETS)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InvalidTarget):
        normalised_target(given)


def test_an_address_has_a_longest_length_also_when_it_is_written_out() -> None:
    room = LONGEST_TARGET - len("https://example.com/")
    assert len(normalised_target("https://example.com/" + "x" * room)) == LONGEST_TARGET
    for path in ("x" * (room + 1), "ü" * (room // 2)):
        with pytest.raises(InvalidTarget, match="at most 2048 characters"):
            normalised_target("https://example.com/" + path)


def test_the_origin_of_an_address_says_nothing_of_its_path() -> None:
    assert origin_of("https://hooks.example.com:8443/T0/secret?key=1") == "https://hooks.example.com:8443"


@pytest.mark.parametrize(
    "operation",
    ["person.created", "*.updated", "person.*", "*.*", "rocket2Launch.upserted", "person.restored", "a.destroyed"],
)
def test_an_operation_is_an_object_and_an_action(operation: str) -> None:
    assert normalised_operations([operation]) == [operation]


@pytest.mark.parametrize(
    "operation",
    ["", "*", "person", "person.", ".created", "person.create", "Person.created", "person.CREATED", "person.created.x",
     "person.created ", "per son.created", "person.created\n", "**.created", "pers*.created", "person_x.created",
     "pérson.created", "x" * 64 + ".created", "person,company.created"],
)  # fmt: skip
def test_what_is_no_operation_is_refused(operation: str) -> None:
    with pytest.raises(InvalidOperation):
        normalised_operations([operation])


def test_operations_are_there_once_and_not_too_many() -> None:
    assert normalised_operations(["*.*", "person.*", "*.*"]) == ["*.*", "person.*"]
    many = [f"object{number}.created" for number in range(MOST_OPERATIONS)]
    assert normalised_operations(many) == many
    with pytest.raises(InvalidOperation, match="at most 200 operations"):
        normalised_operations([*many, "*.*"])
    with pytest.raises(InvalidOperation, match="told of nothing"):
        normalised_operations([])


def test_an_event_is_asked_for_in_four_ways() -> None:
    assert operations_for("person", "created") == ("person.created", "person.*", "*.created", "*.*")

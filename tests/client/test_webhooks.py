"""Deliveries as their receivers verify them."""

import json
from collections.abc import Mapping

import pytest

from rapport.base.ids import new_id
from rapport.client.webhooks import NotGenuine, verify
from rapport.webhooks.signing import signed_headers

SECRET, OTHER = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "a secret of a client's own, ü"
BODY = '{"eventName":"person.created","record":{"name":"Zoë"}}'.encode()
NOW = 1_800_000_000
STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
CONTRACT = ("X-Twenty-Webhook-Timestamp", "X-Twenty-Webhook-Signature")
FORMS = pytest.mark.parametrize(
    "form", [STANDARD, CONTRACT, (*STANDARD, *CONTRACT)], ids=["standard", "contract", "both"]
)


def sent(*secrets: str, form: tuple[str, ...], body: bytes = BODY) -> Mapping[str, str]:
    headers = signed_headers(new_id(), body, secrets, NOW * 1000 + 500)
    return {name: value for name, value in headers.items() if name in form}


@FORMS
@pytest.mark.parametrize("secret", [SECRET, OTHER, "whsec_not base64"])
def test_what_the_server_has_sent_is_genuine(form: tuple[str, ...], secret: str) -> None:
    assert verify(BODY, sent(secret, form=form), secret, now=NOW + 200) == json.loads(BODY)
    upper = {name.upper(): value for name, value in sent(secret, form=form).items()}
    assert verify(BODY, upper, ["another", secret], now=NOW - 200) == json.loads(BODY)


def test_while_two_secrets_are_good_either_is_enough() -> None:
    headers = sent(SECRET, OTHER, form=STANDARD)
    assert verify(BODY, headers, SECRET, now=NOW) == verify(BODY, headers, OTHER, now=NOW)


@pytest.mark.parametrize("form", [STANDARD, CONTRACT], ids=["standard", "contract"])
def test_nothing_else_is(form: tuple[str, ...]) -> None:
    headers = sent(SECRET, form=form)
    wrong: list[tuple[bytes, str, Mapping[str, str], int]] = [
        (BODY + b" ", SECRET, headers, NOW),
        (BODY, OTHER, headers, NOW),
        (BODY, SECRET, headers, NOW + 302),  # sent again by somebody who has overheard it
        (BODY, SECRET, headers, NOW - 302),
        (BODY, SECRET, {}, NOW),
        (BODY, SECRET, dict.fromkeys(form, ""), NOW),
    ]
    for name in form:
        wrong += [(BODY, SECRET, {**headers, name: value}, NOW) for value in ("", "1800000001", "v1,é", "9" * 400)]
        wrong.append((BODY, SECRET, {each: value for each, value in headers.items() if each != name}, NOW))
    for body, secret, given, now in wrong:
        with pytest.raises(NotGenuine):
            verify(body, given, secret, now=now)


def test_a_delivery_is_an_event() -> None:
    for body in (b"[]", b"", b"\xff"):
        with pytest.raises(NotGenuine, match="no event"):
            verify(body, sent(SECRET, form=STANDARD, body=body), SECRET, now=NOW)


@pytest.mark.parametrize("none", ["", [], ["", SECRET]])
def test_without_a_secret_nothing_is_genuine(none: str | list[str]) -> None:
    with pytest.raises(ValueError, match="without a secret"):
        verify(BODY, sent(SECRET, form=STANDARD), none, now=NOW)

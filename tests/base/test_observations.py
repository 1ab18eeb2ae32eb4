"""Where observations go and how they look."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from rapport.base.observations import configure_logging


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()  # noqa: TID251
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_for_machines_a_line_is_a_json_object() -> None:
    stream = io.StringIO()
    configure_logging("info", stream)
    structlog.get_logger("rapport.test").info("it happened", number=7)
    structlog.get_logger("rapport.test").debug("not shown")
    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert said.pop("timestamp").endswith("Z")
    assert said == {"event": "it happened", "number": 7, "level": "info", "logger": "rapport.test"}


def test_messages_of_libraries_take_the_same_way() -> None:
    stream = io.StringIO()
    configure_logging("warning", stream)
    logging.getLogger("some.library").warning("careful: %s", "x")  # noqa: TID251
    logging.getLogger("some.library").info("not shown")  # noqa: TID251
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["event"] == "careful: x"


def test_a_traceback_stays_on_its_line() -> None:
    stream = io.StringIO()
    configure_logging("info", stream)
    try:
        raise KeyError("x")
    except KeyError as error:
        structlog.get_logger("rapport.test").error("failed", exc_info=error)
    (line,) = stream.getvalue().splitlines()
    assert "KeyError" in json.loads(line)["exception"]


def test_on_a_terminal_it_is_for_people() -> None:
    stream = Terminal()
    configure_logging("info", stream)
    structlog.get_logger("rapport.test").info("it happened", number=7)
    assert "it happened" in stream.getvalue()
    assert not stream.getvalue().startswith("{")

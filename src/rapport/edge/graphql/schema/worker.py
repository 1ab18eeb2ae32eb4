"""The process that holds full schemas: reads questions from its standard input, and writes answers to its output.

A question is one frame of JSON. An answer is a frame of JSON, followed by a frame for each of its keys.
It ends when its input does, so it does not outlive the server that started it.
"""

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import BinaryIO

import orjson

from rapport.edge.graphql.schema.executing import Executed, introspect
from rapport.edge.graphql.schema.frames import HEADER, frame, length

MOST_MEMORY = 1 << 30  # bytes; a document that needs more ends the process, not the machine


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    while header := questions.read(HEADER.size):
        question = json.loads(questions.read(length(header)))
        executed = introspect(question["sdl"], question["source"], question["operation"], question["variables"])
        for part in _frames(executed):
            answers.write(frame(part))
        answers.flush()


def _frames(executed: Executed) -> list[bytes]:
    head = {"isValid": executed.is_valid, "errors": executed.errors, "keys": list(executed.parts)}
    return [orjson.dumps(head), *executed.parts.values()]


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when to stop
    with suppress(ValueError, OSError):  # not every system can be told
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print must not get between the frames
    with suppress(BrokenPipeError):
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()

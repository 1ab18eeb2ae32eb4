"""Passwords: argon2id hashes, made on threads of their own: logins cannot starve the event loop or the memory."""

import asyncio
import base64
import os
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB = 19_456  # with 2 passes: OWASP's floor for argon2id; twice at once it stays under 40 MB
PASSES = 2
PARALLEL_HASHES = 2


class Passwords:
    """Makes and checks password hashes, at most ``parallel`` at a time."""

    def __init__(self, *, parallel: int = PARALLEL_HASHES, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="password")
        # Well formed, and of no password: whoever asks for an unknown account waits as long as for a known one.
        self._decoy = f"$argon2id$v=19$m={memory_kib},t={passes},p=1${_random(16)}${_random(32)}"

    async def hash(self, password: str) -> str:
        """`$argon2id$v=19$m=19456,t=2,p=1$…`"""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, _bytes(password))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether the password is the one of the stored hash; without a hash the same work, and False."""
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._verify, password, stored or self._decoy)
        return await work and stored is not None

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")  # a lone surrogate is a wrong password, not a failure


def _random(length: int) -> str:
    return base64.b64encode(os.urandom(length)).decode().rstrip("=")

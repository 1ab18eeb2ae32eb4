"""What the links in mails carry to prove that the mail was received.

A proof is made from the application secret and the id of the row that it is about. So it need not be kept to be shown
again to whom it belongs, whoever reads the database cannot make it, and it ends with the row.
"""

import hashlib
import hmac
from uuid import UUID


class Proofs:
    """Makes proofs, 32 bytes in hex each."""

    def __init__(self, app_secret: str) -> None:
        self._key = hashlib.sha256(f"{app_secret}INVITATION".encode()).digest()

    def of_invitation(self, invitation_id: UUID) -> str:
        """The token of a personal invitation."""
        return self._make("invitation", str(invitation_id))

    def of_domain(self, approved_domain_id: UUID, domain: str) -> str:
        """That the mail to an address of the domain was read."""
        return self._make("approved-domain", str(approved_domain_id), domain)

    def is_of_domain(self, proof: str, approved_domain_id: UUID, domain: str) -> bool:
        """Whether it is ``of_domain``'s, found out in the same time for all."""
        return hmac.compare_digest(
            proof.encode("utf-8", "replace"), self.of_domain(approved_domain_id, domain).encode()
        )

    def _make(self, *parts: str) -> str:
        return hmac.new(self._key, "\n".join(parts).encode(), hashlib.sha256).hexdigest()

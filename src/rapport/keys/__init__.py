"""API keys: opaque tokens for programs, shown once, kept as hashes, revoked at once."""

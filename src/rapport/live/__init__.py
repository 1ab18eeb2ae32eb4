"""Event streams: one subscription through which a client keeps any number of its queries up to date."""

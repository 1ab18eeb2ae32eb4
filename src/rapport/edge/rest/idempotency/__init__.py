"""`Idempotency-Key`: a POST that is sent twice with one key is carried out once, and answered alike."""

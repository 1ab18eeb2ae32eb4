"""E-mail that the server sends: templates, the queue, SMTP."""

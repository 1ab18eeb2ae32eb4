"""Texts that no text may be."""

HOSTILE_TEXTS = (
    "http://[",
    "http://[::1",
    "https://a:b@[x]:99999/",
    "https://crm.example.com:nan",
    "https://acme\0.crm.example.com",
    "https://\ud800.crm.example.com",
    "https://" + "a" * 90_000 + ".crm.example.com",
    "javascript:alert(1)",
    "'; drop table core.workspace; --.crm.example.com",
    "https://%61cme.crm.example.com",
    "//" * 500,
)

"""Settings: each is declared once, with its variable, type, default and description, and read from the environment."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from rapport.base.durations import parse_duration
from rapport.base.errors import ConfigurationError
from rapport.base.networks import Network, read_network

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The declaration of one setting: what the documentation shows and how the variable is read."""

    variable: str
    default: str  # as one would write it in the environment; "" when there is none
    description: str
    parse: Callable[[str], object]  # raises ValueError with a clause such as "must be a whole number"
    is_secret: bool = False


def _setting(variable: str, parse: Callable[[str], T], default: str, description: str, *, is_secret: bool = False) -> T:
    declared = Setting(variable=variable, default=default, description=description, parse=parse, is_secret=is_secret)
    value: T = dataclasses.field(
        default_factory=lambda: parse(default), metadata={"setting": declared}, repr=not is_secret
    )
    return value


def _text(value: str) -> str:
    return value


def _optional_text(value: str) -> str | None:
    return value or None


def _path(value: str) -> Path:
    return Path(value).expanduser()


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        digits = value.replace("_", "")
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError(f"must be a whole number from {least} to {most}")
        number = int(digits[:20])
        if not least <= number <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return number

    return parse


def _duration(value: str) -> timedelta:
    duration = parse_duration(value)
    if duration <= timedelta(0):
        raise ValueError("must be longer than nothing, such as 30m or 60d")
    return duration


def _flag(value: str) -> bool:
    known = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if value.lower() not in known:
        raise ValueError("must be true or false")
    return known[value.lower()]


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value.lower()

    return parse


def _web_address(value: str) -> str | None:
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://crm.example.com")
    return value.rstrip("/")


def _secret(value: str) -> str | None:
    if value and len(value) < 16:
        raise ValueError("must have at least 16 characters")
    return value or None


def _smtp_address(value: str) -> str | None:
    if not value:
        return None
    example = "must be an address such as smtp://user:password@mail.example.com:587"
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        raise ValueError(example) from None
    if not is_whole or parts.path not in ("", "/") or parts.fragment:
        raise ValueError(example)
    if parts.query not in ("", "tls=off", "tls=required") or (parts.scheme == "smtps" and parts.query):
        raise ValueError("must end in ?tls=required or ?tls=off, if in anything, and that only with smtp://")
    return value


def _sender(value: str) -> str | None:
    if not value:
        return None
    local, _, domain = parseaddr(value)[1].rpartition("@")
    if not (local and domain) or " " in local + domain or not value.isprintable():
        raise ValueError("must be an address such as Rapport <crm@example.com>")
    return value


def _postgresql_address(value: str) -> str | None:
    if value and urlsplit(value).scheme not in ("postgres", "postgresql"):
        raise ValueError("must be an address such as postgresql://user:password@host:5432/database")
    return value or None


def _storage_address(value: str) -> str | None:
    if not value:
        return None
    example = "must be an address such as s3://bucket/folder or file:///srv/files"
    try:
        parts = urlsplit(value)
        is_whole = (parts.scheme == "s3" and bool(parts.hostname) and "@" not in parts.netloc) or (
            parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
        )
    except ValueError:
        raise ValueError(example) from None
    if not is_whole or parts.query or parts.fragment:
        raise ValueError(example)
    return value


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(read_network(each) for each in value.replace(",", " ").split())
    except ValueError:
        raise ValueError("must be IP addresses and networks such as 10.0.0.0/8, with commas between them") from None


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(value.lower().replace(",", " ").split())
    for origin in origins:
        parts = urlsplit(origin)
        if origin != "*" and (not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}" or "@" in origin):
            raise ValueError("must be * or origins such as https://app.example.com, with commas between them")
    return origins


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one process. An empty variable counts as not set."""

    database_url: str | None = _setting(
        "DATABASE_URL",
        _postgresql_address,
        "",
        "PostgreSQL 15 or later, as postgresql://user:password@host:5432/database."
        " Without it Rapport runs the PostgreSQL that it brings, in the data directory.",
        is_secret=True,
    )
    port: int = _setting("PORT", _whole(0, 65535), "3000", "TCP port of the server; 0 takes a free one.")
    host: str = _setting("RAPPORT_HOST", _text, "127.0.0.1", "Address to listen on; 0.0.0.0 for all networks.")
    server_url: str | None = _setting(
        "RAPPORT_SERVER_URL",
        _web_address,
        "",
        "Address under which people reach the server, used in links. Without it: http://HOST:PORT.",
    )
    multiworkspace: bool = _setting(
        "RAPPORT_MULTIWORKSPACE",
        _flag,
        "true",
        "Whether people may make further workspaces. Each is reached at a subdomain of RAPPORT_SERVER_URL, or, where"
        " that is an IP address, chosen after signing in. With false there is one workspace.",
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        "RAPPORT_TRUSTED_PROXIES",
        _networks,
        "",
        "Addresses and networks of the proxies before the server, with commas between them. Their X-Forwarded-For says"
        " where a request comes from; that of others is not believed.",
    )
    data_dir: Path = _setting(
        "RAPPORT_DATA_DIR", _path, ".rapport", "Folder for the embedded PostgreSQL and for secrets made by the server."
    )
    postgres_account: str | None = _setting(
        "RAPPORT_POSTGRES_ACCOUNT",
        _optional_text,
        "",
        "System account that runs the embedded PostgreSQL when Rapport is started as root."
        " Without it: the owner of the folder, for a new one postgres, or else nobody.",
    )
    app_secret: str | None = _setting(
        "RAPPORT_APP_SECRET",
        _secret,
        "",
        "Secret that signs tokens and encrypts stored credentials, at least 16 characters."
        " Without it one is made and kept in the data directory. All processes of one installation need the same.",
        is_secret=True,
    )
    pool_size: int = _setting(
        "RAPPORT_POOL_SIZE", _whole(1, 500), "10", "Most connections to PostgreSQL that one process opens."
    )
    connection_max_age: timedelta = _setting(
        "RAPPORT_CONNECTION_MAX_AGE",
        _duration,
        "1h",
        "Age at which a connection to PostgreSQL is replaced, which gives back the memory of its caches.",
    )
    statement_timeout_ms: int = _setting(
        "RAPPORT_STATEMENT_TIMEOUT_MS",
        _whole(0, 3_600_000),
        "10000",
        "Longest time a statement may run in PostgreSQL, in milliseconds; 0 for no limit.",
    )
    worker: bool = _setting(
        "RAPPORT_WORKER",
        _flag,
        "true",
        "Whether `serve` runs background jobs, too. With false, at least one `rapport worker` has to run beside it.",
    )
    smtp_url: str | None = _setting(
        "RAPPORT_SMTP_URL",
        _smtp_address,
        "",
        "SMTP server for outgoing mail, as smtp://user:password@mail.example.com:587 or smtps://… (TLS from the start)."
        " Without it mails are written to the log, and `rapport mail list` shows the last ones.",
        is_secret=True,
    )
    mail_from: str | None = _setting(
        "RAPPORT_MAIL_FROM",
        _sender,
        "",
        "Sender of the server's mails, such as Rapport <crm@example.com>. Needed with RAPPORT_SMTP_URL.",
    )
    migrate_on_start: bool = _setting(
        "RAPPORT_MIGRATE_ON_START",
        _flag,
        "true",
        "Whether `serve` applies pending migrations. With false it refuses to start while some are pending.",
    )
    rate_limit_user: int = _setting(
        "RAPPORT_RATE_LIMIT_USER",
        _whole(0, 1_000_000_000),
        "1000",
        "Requests to the APIs that a member of a workspace may send in a minute; 0 for no limit.",
    )
    rate_limit_api_key: int = _setting(
        "RAPPORT_RATE_LIMIT_API_KEY",
        _whole(0, 1_000_000_000),
        "5000",
        "Requests to the APIs that may be sent with one API key in a minute; 0 for no limit.",
    )
    rate_limit_ip: int = _setting(
        "RAPPORT_RATE_LIMIT_IP",
        _whole(0, 1_000_000_000),
        "100",
        "Requests to the APIs without a token that is good, from one network address (of IPv6, one /64) in a minute; 0"
        " for no limit. Behind a proxy that RAPPORT_TRUSTED_PROXIES does not name, all callers have the proxy's"
        " address.",
    )
    max_concurrency_per_caller: int = _setting(
        "RAPPORT_MAX_CONCURRENCY_PER_CALLER",
        _whole(0, 10_000),
        "32",
        "Requests of one caller that a process works on at a time; further ones wait. 0 for no limit.",
    )
    max_connections: int = _setting(
        "RAPPORT_MAX_CONNECTIONS",
        _whole(1, 1_000_000),
        "2000",
        "Most connections of clients to one process; further ones are closed.",
    )
    request_header_timeout: timedelta = _setting(
        "RAPPORT_REQUEST_HEADER_TIMEOUT", _duration, "10s", "Longest time in which the headers of a request come."
    )
    request_body_timeout: timedelta = _setting(
        "RAPPORT_REQUEST_BODY_TIMEOUT",
        _duration,
        "30s",
        "Longest time in which a request's body comes; one that takes longer must come at 1,000 bytes a second.",
    )
    response_timeout: timedelta = _setting(
        "RAPPORT_RESPONSE_TIMEOUT",
        _duration,
        "30s",
        "Longest time in which an answer is taken off; one that takes longer must be read at 1,000 bytes a second.",
    )
    max_live_connections: int = _setting(
        "RAPPORT_MAX_LIVE_CONNECTIONS",
        _whole(0, 1_000_000),
        "10_000",
        "Most WebSockets and streams of events of one process; further ones are refused. They count beside"
        " RAPPORT_MAX_CONNECTIONS, not among it.",
    )
    max_live_connections_per_caller: int = _setting(
        "RAPPORT_MAX_LIVE_CONNECTIONS_PER_CALLER",
        _whole(0, 1_000_000),
        "1_000",
        "Most WebSockets and streams of events that an API key or a member of a workspace may have open to one"
        " process.",
    )
    max_socket_operations: int = _setting(
        "RAPPORT_MAX_SOCKET_OPERATIONS",
        _whole(1, 1_000_000),
        "100",
        "Most subscriptions and other operations under way on one WebSocket.",
    )
    max_socket_message_bytes: int = _setting(
        "RAPPORT_MAX_SOCKET_MESSAGE_BYTES",
        _whole(1_000, 2_000_000_000),
        "1_000_000",
        "Largest message that a client may send over a WebSocket, in bytes.",
    )
    socket_init_timeout: timedelta = _setting(
        "RAPPORT_SOCKET_INIT_TIMEOUT",
        _duration,
        "10s",
        "Longest time in which a client says who it is after it has opened a WebSocket.",
    )
    live_keep_alive: timedelta = _setting(
        "RAPPORT_LIVE_KEEP_ALIVE",
        _duration,
        "30s",
        "After so long a silence a WebSocket is sent a ping, and a stream of events a comment: proxies close what is"
        " silent. A WebSocket that stays silent for as long again is closed.",
    )
    cors_origins: tuple[str, ...] = _setting(
        "RAPPORT_CORS_ORIGINS",
        _origins,
        "*",
        "Origins of the web pages that may use the APIs, such as https://app.example.com, with commas between them; *"
        " for all.",
    )
    max_body_bytes: int = _setting(
        "RAPPORT_MAX_BODY_BYTES", _whole(1_000, 2_000_000_000), "10_000_000", "Largest request body in bytes."
    )
    max_file_bytes: int = _setting(
        "RAPPORT_MAX_FILE_BYTES", _whole(1_000, 1_000_000_000_000), "10_000_000", "Largest file in bytes."
    )
    storage_url: str | None = _setting(
        "RAPPORT_STORAGE_URL",
        _storage_address,
        "",
        "Where files are kept, as s3://bucket/folder or file:///srv/files. Without it: the folder `files` of the data"
        " directory. All processes of one installation need the same.",
    )
    s3_endpoint: str | None = _setting(
        "RAPPORT_S3_ENDPOINT",
        _web_address,
        "",
        "Address of the S3-compatible service that has the bucket of RAPPORT_STORAGE_URL. Without it: Amazon's.",
    )
    s3_region: str = _setting("RAPPORT_S3_REGION", _text, "us-east-1", "Region of the bucket.")
    s3_access_key_id: str | None = _setting(
        "RAPPORT_S3_ACCESS_KEY_ID",
        _optional_text,
        "",
        "Access key for the bucket. Without it: what AWS_ACCESS_KEY_ID or the machine's role says.",
    )
    s3_secret_access_key: str | None = _setting(
        "RAPPORT_S3_SECRET_ACCESS_KEY", _optional_text, "", "Secret of the access key.", is_secret=True
    )
    max_import_bytes: int = _setting(
        "RAPPORT_MAX_IMPORT_BYTES",
        _whole(1_000, 1_000_000_000_000),
        "1_000_000_000",
        "Largest file of records that can be imported, in bytes.",
    )
    max_batch_records: int = _setting(
        "RAPPORT_MAX_BATCH_RECORDS", _whole(1, 10_000), "60", "Most records in one createMany or REST batch."
    )
    max_exports: int = _setting(
        "RAPPORT_MAX_EXPORTS",
        _whole(1, 100),
        "2",
        "Most exports that one process does at once, each on a connection to PostgreSQL of its own. Further ones wait"
        " some seconds and are then refused. With more than one, no workspace takes all.",
    )
    export_timeout: timedelta = _setting(
        "RAPPORT_EXPORT_TIMEOUT", _duration, "30m", "Longest time that an export may take, to its last row."
    )
    rest_error_shape: str = _setting(
        "RAPPORT_REST_ERROR_SHAPE",
        _one_of("nested", "flat"),
        "nested",
        "Form of errors in REST: nested in an object `error`, or flat with the name of an exception as `error`.",
    )
    max_depth: int = _setting(
        "RAPPORT_MAX_DEPTH", _whole(1, 1_000), "30", "Deepest nesting of selections in a GraphQL document."
    )
    max_fields: int = _setting(
        "RAPPORT_MAX_FIELDS",
        _whole(1, 1_000_000),
        "5000",
        "Most fields that a GraphQL document may select, counted after fragments are expanded.",
    )
    max_cost: int = _setting(
        "RAPPORT_MAX_COST",
        _whole(1, 1_000_000_000),
        "1000000",
        "Highest cost of a GraphQL document, counted in records that it may answer with (see the guide to the API).",
    )
    max_relations: int = _setting(
        "RAPPORT_MAX_RELATIONS", _whole(1, 10_000), "100", "Most relations that a GraphQL document may select."
    )
    plan_cache_size: int = _setting(
        "RAPPORT_PLAN_CACHE_SIZE",
        _whole(1, 1_000_000),
        "2000",
        "Compiled documents that a process remembers, as far as 64 MB hold them: large ones count for many, and one of"
        " more than 32,000 characters is compiled each time.",
    )
    access_token_expires_in: timedelta = _setting(
        "RAPPORT_ACCESS_TOKEN_EXPIRES_IN", _duration, "30m", "Lifetime of an access token."
    )
    refresh_token_expires_in: timedelta = _setting(
        "RAPPORT_REFRESH_TOKEN_EXPIRES_IN", _duration, "60d", "Lifetime of a refresh token."
    )
    workspace_agnostic_token_expires_in: timedelta = _setting(
        "RAPPORT_WORKSPACE_AGNOSTIC_TOKEN_EXPIRES_IN",
        _duration,
        "30m",
        "Lifetime of the token of somebody who has signed in and not yet entered a workspace.",
    )
    login_token_expires_in: timedelta = _setting(
        "RAPPORT_LOGIN_TOKEN_EXPIRES_IN",
        _duration,
        "15m",
        "Lifetime of a login token, with which one enters a workspace after the password was right.",
    )
    short_term_token_expires_in: timedelta = _setting(
        "RAPPORT_SHORT_TERM_TOKEN_EXPIRES_IN",
        _duration,
        "5m",
        "Lifetime of the token that a member takes to another site and back, to link an account there.",
    )
    email_verification_token_expires_in: timedelta = _setting(
        "RAPPORT_EMAIL_VERIFICATION_TOKEN_EXPIRES_IN",
        _duration,
        "1h",
        "Lifetime of the link that verifies an e-mail address.",
    )
    password_reset_token_expires_in: timedelta = _setting(
        "RAPPORT_PASSWORD_RESET_TOKEN_EXPIRES_IN",
        _duration,
        "5m",
        "Lifetime of the link that sets a new password. No other is mailed meanwhile.",
    )
    file_token_expires_in: timedelta = _setting(
        "RAPPORT_FILE_TOKEN_EXPIRES_IN",
        _duration,
        "1d",
        "Lifetime of a link to a file. Links to profile pictures and logos last.",
    )
    refresh_token_cool_down: timedelta = _setting(
        "RAPPORT_REFRESH_TOKEN_COOL_DOWN",
        _duration,
        "1m",
        "How long a refresh token may be used again: two tabs renew at once. Later it counts as stolen, and all"
        " sessions of the user end.",
    )
    email_verification_required: bool = _setting(
        "RAPPORT_EMAIL_VERIFICATION_REQUIRED",
        _flag,
        "false",
        "Whether people must verify their e-mail address before they enter a workspace. To join one by its approved"
        " domain they must in any case.",
    )
    workspaces_by_admins_only: bool = _setting(
        "RAPPORT_WORKSPACES_BY_ADMINS_ONLY",
        _flag,
        "false",
        "Whether only administrators of the server may make workspaces beyond their first.",
    )
    sign_in_failures: int = _setting(
        "RAPPORT_SIGN_IN_FAILURES",
        _whole(0, 1_000_000),
        "10",
        "Failed sign-ins to one account within RAPPORT_SIGN_IN_WINDOW, after which further ones are refused; 0 for no"
        " limit.",
    )
    sign_in_failures_per_address: int = _setting(
        "RAPPORT_SIGN_IN_FAILURES_PER_ADDRESS",
        _whole(0, 1_000_000),
        "100",
        "Failed sign-ins from one network address within RAPPORT_SIGN_IN_WINDOW; 0 for no limit. Behind a proxy that"
        " RAPPORT_TRUSTED_PROXIES does not name, all callers have the proxy's address.",
    )
    sign_in_window: timedelta = _setting(
        "RAPPORT_SIGN_IN_WINDOW", _duration, "15m", "Time over which failed sign-ins are counted."
    )
    sign_ups_per_address: int = _setting(
        "RAPPORT_SIGN_UPS_PER_ADDRESS",
        _whole(0, 1_000_000),
        "100",
        "Accounts that may be made from one network address in an hour; 0 for no limit.",
    )
    mails_per_account: int = _setting(
        "RAPPORT_MAILS_PER_ACCOUNT",
        _whole(0, 1_000_000),
        "10",
        "Mails of each kind (verification, password reset) that one account may ask for in an hour; 0 for no limit.",
    )
    mails_per_address: int = _setting(
        "RAPPORT_MAILS_PER_ADDRESS",
        _whole(0, 1_000_000),
        "100",
        "Such mails that may be asked for from one network address in an hour; 0 for no limit.",
    )
    audit_retention: timedelta = _setting(
        "RAPPORT_AUDIT_RETENTION",
        _duration,
        "365d",
        "How long the entries of the audit log are kept. Older ones are removed within an hour.",
    )
    idempotency_retention: timedelta = _setting(
        "RAPPORT_IDEMPOTENCY_RETENTION",
        _duration,
        "24h",
        "How long a request with an Idempotency-Key is remembered, and its answer given to those who send it again.",
    )
    import_retention: timedelta = _setting(
        "RAPPORT_IMPORT_RETENTION",
        _duration,
        "30d",
        "How long an import can be looked at, and undone, after its end.",
    )
    event_retention: timedelta = _setting(
        "RAPPORT_EVENT_RETENTION",
        _duration,
        "30d",
        "How long events are kept for those who follow them; at least as long as imports can be undone. An event that"
        " something has still to be done about is kept in any case.",
    )
    webhook_retention: timedelta = _setting(
        "RAPPORT_WEBHOOK_RETENTION",
        _duration,
        "30d",
        "How long deliveries to webhooks, and what the endpoints answered, can be looked at and repeated.",
    )
    outgoing_private_networks: tuple[Network, ...] = _setting(
        "RAPPORT_OUTGOING_PRIVATE_NETWORKS",
        _networks,
        "",
        "Private addresses and networks, with commas between them, that the server may call when a user gives it an"
        " address there, as for a webhook. Without it, it calls the public internet only.",
    )
    metrics_token: str | None = _setting(
        "RAPPORT_METRICS_TOKEN",
        _secret,
        "",
        "Token with which Prometheus asks for `/metrics`, at least 16 characters. Without it there is no such page.",
        is_secret=True,
    )
    job_lease: timedelta = _setting(
        "RAPPORT_JOB_LEASE",
        _duration,
        "30s",
        "After how long without a sign of life a worker counts as dead, and others take its jobs over. Too short a time"
        " takes jobs away from workers that are only busy.",
    )
    log_level: str = _setting(
        "RAPPORT_LOG_LEVEL", _one_of("debug", "info", "warning", "error"), "info", "Least severe messages to log."
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads every setting; raises ConfigurationError naming the first variable that has a wrong value."""
        values: dict[str, object] = {}
        for name, declared in cls.declared().items():
            text = environment.get(declared.variable, "").strip()
            if not text:
                continue
            try:
                values[name] = declared.parse(text)
            except ValueError as error:
                shown = "" if declared.is_secret else f", not {text[:80]!r}"
                raise ConfigurationError(f"{declared.variable} {error}{shown}.") from None
        return dataclasses.replace(cls(), **values)  # type: ignore[arg-type]  # each parser gives its field's type

    @classmethod
    def declared(cls) -> Mapping[str, Setting]:
        """The declarations by attribute name, in the order of the documentation."""
        return {field.name: field.metadata["setting"] for field in dataclasses.fields(cls)}

    @classmethod
    def unknown_variables(cls, environment: Mapping[str, str]) -> tuple[str, ...]:
        """Variables that look like settings but are none: most often a slip of the pen."""
        known = {declared.variable for declared in cls.declared().values()}
        return tuple(sorted(name for name in environment if name.startswith("RAPPORT_") and name not in known))

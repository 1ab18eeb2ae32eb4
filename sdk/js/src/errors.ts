// What can go wrong with a request, one class for each case that a caller may want to catch.

export interface Failure {
  message: string;
  /** That of HTTP, also for errors inside an answer of GraphQL; 0 where there was no answer. */
  status: number;
  /** The stable name of what happened. */
  code: string;
  details: Record<string, unknown>;
  /** All that is wrong. */
  messages: string[];
  /** The seconds to wait, where the server says. */
  retryAfter: number | undefined;
  cause?: unknown;
}

/** The server refused a request. */
export class RapportError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly messages: string[];

  constructor(failure: Failure) {
    super(failure.message, "cause" in failure ? { cause: failure.cause } : undefined);
    this.name = new.target.name;
    this.status = failure.status;
    this.code = failure.code;
    this.details = failure.details;
    this.messages = failure.messages;
  }
}

/** A value, a parameter or the request itself is not as it must be. */
export class InvalidInput extends RapportError {}
/** There is no key, or it is no good. */
export class Unauthenticated extends RapportError {}
/** The role of the key does not allow it. */
export class Forbidden extends RapportError {}
/** There is no such record, object or address. */
export class NotFound extends RapportError {}
/** It is there no more: of a cursor, what happened behind it has been dropped since. */
export class Gone extends RapportError {}
/** A value that must be unique is in use, or what was to be changed has changed. */
export class Conflict extends RapportError {}
/** The server could not answer, which is no fault of the request. */
export class ServerError extends RapportError {}
/** There was no answer, or only a part of it. */
export class ConnectionFailed extends RapportError {}

/** Too many requests. */
export class RateLimited extends RapportError {
  readonly retryAfter: number | undefined;

  constructor(failure: Failure) {
    super(failure);
    this.retryAfter = failure.retryAfter;
  }
}

const BY_STATUS: Record<number, typeof RapportError> = {
  400: InvalidInput,
  401: Unauthenticated,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  410: Gone,
  412: Conflict,
  413: InvalidInput,
  415: InvalidInput,
  422: InvalidInput,
  429: RateLimited,
};
const BY_CODE: Record<string, number> = {
  BAD_USER_INPUT: 400,
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  EVENT_CURSOR_EXPIRED: 410,
  RATE_LIMIT_EXCEEDED: 429,
};
const SHOWN = 200; // characters of an answer that is nothing we know

/** An answer whose body has been read. */
export interface Reply {
  status: number;
  retryAfter: number | undefined;
  text: string;
}

/** The error that an answer with a status of 400 or more stands for, in whichever shape the server has it. */
export function errorOf(reply: Reply): RapportError {
  const body = fields(parsed(reply));
  if (Array.isArray(body.errors) && body.errors.length > 0) return errorOfGraphql(body.errors, reply);
  const nested = fields(body.error);
  const messages = texts(body.messages);
  const message = text(nested.message) ?? messages[0] ?? text(body.message) ?? shown(reply);
  return failed({
    message,
    status: reply.status,
    code: text(nested.code) ?? text(body.code) ?? "",
    details: fields(nested.details),
    messages: messages.length > 0 ? messages : [message],
    retryAfter: reply.retryAfter,
  });
}

/** The first of the errors of a document; the messages of the others are in `messages`. */
export function errorOfGraphql(errors: unknown[], reply: Reply): RapportError {
  const first = fields(errors[0]);
  const { code, statusCode, ...details } = fields(first.extensions);
  const messages = errors.map((each) => String(fields(each).message));
  const status = typeof statusCode === "number" ? statusCode : BY_CODE[String(code)];
  return failed({
    message: messages[0] ?? "",
    status: status ?? reply.status,
    code: text(code) ?? "",
    details: first.path === undefined ? details : { ...details, path: first.path },
    messages,
    retryAfter: reply.retryAfter,
  });
}

/** An answer that says that all is well and is not what was asked for: something else stands at this address. */
export function unreadable(reply: Reply): RapportError {
  const message = `The answer is not one of Rapport: ${shown(reply)}`;
  const none = { code: "", details: {}, messages: [message], retryAfter: undefined };
  return new ServerError({ message, status: reply.status, ...none });
}

export function parsed(reply: Reply): unknown {
  try {
    return JSON.parse(reply.text);
  } catch {
    return undefined;
  }
}

/** The fields of an object of JSON; none of anything else. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function failed(failure: Failure): RapportError {
  const kind = BY_STATUS[failure.status] ?? (failure.status >= 500 ? ServerError : RapportError);
  return new kind(failure);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function shown(reply: Reply): string {
  const found = reply.text.trim().slice(0, SHOWN);
  return found === "" ? `status ${reply.status}` : `status ${reply.status}: ${found}`;
}

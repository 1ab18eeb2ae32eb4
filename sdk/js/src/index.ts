// A client of Rapport for Node.js and browsers. Needs nothing but fetch.

export { type Options, Rapport, Rapport as TwentySDK } from "./client.js";
export {
  Conflict,
  ConnectionFailed,
  Forbidden,
  Gone,
  InvalidInput,
  NotFound,
  RapportError,
  RateLimited,
  ServerError,
  Unauthenticated,
} from "./errors.js";
export type { Retries } from "./exchange.js";
export type { EventPage, Feed, FeedEvent, Following, Paging, Wanted } from "./feed.js";
export { type Result, type Subscribing, Subscription } from "./subscribing.js";
export { NotGenuine, type Verifying, verifyWebhook } from "./webhooks.js";
export { type AnyRecord, type Listing, Objects, type Order, Page, type PageInfo, type Values, type Walk } from "./records.js";

// The types of hubbub.js. What everything does is in ../README.md.

export interface HubOptions {
  room?: string;
  nickname?: string;
  id?: string;
  /** Where the server's socket is, as ws:, wss:, http: or https: with the path /api/ws; a URL will do. Default: the server this file came from. */
  url?: string | { readonly href: string };
  /** A function is asked for a fresh one at each connection. */
  token?: string | (() => string | undefined);
  /** Default: the global one. Node before 22 has none; the ws package's will do. */
  WebSocket?: new (url: string, protocols: string[]) => any;
  queueLimit?: number;
  retryFirst?: number;
  retryMost?: number;
  stableAfter?: number;
  patience?: number;
  probeAfter?: number;
}

/** A message as the room has it, or an answer to whoever asked. */
export interface Message<Content = any> {
  type: string;
  content: Content;
  room: string;
  nickname?: string;
  /** The sender's. */
  id?: string;
  /** Its place in the room's log, where it is logged. */
  seq?: number;
  /** The server's clock, in ms since 1970. */
  ts?: number;
  ref?: string | number;
  /** Of an error. */
  code?: ErrorCode;
  /** Of an error that is rate_limited, or unavailable for a time that is known. */
  retry_after_ms?: number;
  /** Of a users_update that does not list all. */
  count?: number;
}

export interface Welcome {
  id: string;
  nickname: string;
  epoch: string;
  seq: number;
  recovered: boolean;
  /** Of this client alone: what it brings when it comes back, so that what it sends again is known. */
  key: string;
  types: string[];
}

/** What a message of the core's own types has in it. */
export interface CoreContents {
  welcome: Welcome;
  types: string[];
  users_update: string[];
  system: string;
  error: string;
}

export type State = 'connecting' | 'online' | 'offline' | 'closed';

export interface Status {
  readonly state: State;
  /** Attempts since we were last online. */
  readonly failures: number;
  /** When the next attempt is, in ms since 1970; null while the page is left, and offline only until somebody comes back to it. */
  readonly retryAt: number | null;
  /** How the last connection ended. */
  readonly error: { readonly code: number; readonly reason: string } | null;
}

/** The server's codes, and offline, too_big and closed, which are the library's own. */
export type ErrorCode =
  | 'bad_json' | 'unknown_type' | 'invalid' | 'forbidden' | 'rate_limited' | 'unavailable' | 'internal'
  | 'offline' | 'too_big' | 'closed';

export class HubError extends Error {
  constructor(code: ErrorCode, text: string, retryAfterMs?: number);
  readonly name: 'HubError';
  readonly code: ErrorCode;
  readonly retryAfterMs?: number;
}

/** One person in one room. */
export interface Hub {
  readonly id: string | undefined;
  readonly nickname: string;
  readonly room: string;
  readonly status: Status;
  readonly members: string[];
  readonly memberCount: number;
  readonly pending: number;
  readonly types: string[];
  readonly epoch: string | undefined;
  readonly seq: number;

  on<Type extends keyof CoreContents>(type: Type, handler: (message: Message<CoreContents[Type]>) => void): () => void;
  on<Content = any>(type: string, handler: (message: Message<Content>) => void): () => void;
  onStatus(handler: (status: Status) => void): () => void;
  onReset(handler: () => void): () => void;

  /** Rejects with a HubError. */
  send<Content = any>(type: string, content?: unknown): Promise<Message<Content>>;
  cast(type: string, content?: unknown): boolean;
  isOwn(message: Message): boolean;
  rename(nickname: string): void;
  reconnect(): void;
  close(): void;
}

export function connect(options?: HubOptions): Hub;

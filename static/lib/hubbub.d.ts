// The types of hubbub.js. ../README.md describes the API.

export interface HubOptions {
  room?: string;
  nickname?: string;
  id?: string;
  /** Where the server's socket is, as ws:, wss:, http: or https: with the path /api/ws; a URL will do. Default: the server this file came from. */
  url?: string | { readonly href: string };
  /** A function is called for a fresh token at each connection. */
  token?: string | (() => string | undefined);
  /** Default: the global one. Node before 22 has none: pass that of the package ws. */
  WebSocket?: new (url: string, protocols: string[]) => any;
  queueLimit?: number;
  retryFirst?: number;
  retryMost?: number;
  stableAfter?: number;
  patience?: number;
  probeAfter?: number;
}

/** A message as the room has stored it, or an answer to one client. */
export interface Message<Content = any> {
  type: string;
  content: Content;
  room: string;
  nickname?: string;
  /** The sender's. */
  id?: string;
  /** Its position in the room's log, if it is logged. */
  seq?: number;
  /** The server's time, in ms since 1970. */
  ts?: number;
  ref?: string | number;
  /** Only of an error. */
  code?: ErrorCode;
  /** Only of an error with the code rate_limited, or unavailable if the time is known. */
  retry_after_ms?: number;
  /** Only of a users_update that does not list everybody. */
  count?: number;
}

export interface Welcome {
  id: string;
  nickname: string;
  epoch: string;
  seq: number;
  recovered: boolean;
  /** A secret of this client, sent when it reconnects, so that the server recognises messages that it sends again. */
  key: string;
  types: string[];
}

/** The content of messages of the server's own types. */
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
  /** Failed attempts since we were last online. */
  readonly failures: number;
  /** The time of the next attempt, in ms since 1970; null unless offline, and while the user has left the page. */
  readonly retryAt: number | null;
  /** How the last connection ended. */
  readonly error: { readonly code: number; readonly reason: string } | null;
}

/** The server's codes; offline, too_big and closed are the library's own. */
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

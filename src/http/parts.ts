// What the app is made of. Parts are passed in, never imported: a test brings its own.
import type { Access } from '../access/access.ts';
import type { Chat } from '../chat/chat.ts';
import type { Log } from '../log.ts';
import type { Locale } from '../words/bilingual.ts';

export type Parts = {
  chat: Chat;
  /** Says who calls. */
  access: Access;
  log: Log;
  assets: Assets;
  /** The hash of the last migration the program knows: what the database must have to be ready. */
  lastMigration: string | undefined;
  settings: HttpSettings;
};

export type HttpSettings = {
  /** Host names besides `localhost`, in lower case; `*.x` stands for all below x, `*` for any. */
  allowedHosts: readonly string[];
  corsOrigins: readonly string[];
  defaultLocale: Locale;
  maxBodyBytes: number;
  /** The most bytes that a file may have. */
  maxFileBytes: number;
  /** Whether sessions may be shown by links, to people who do not sign in; undefined: they may. */
  sharedLinks?: boolean;
  /** The path below which a proxy shows this server, such as `/agentchat`; an empty text for none. */
  basePath: string;
  /** Where people reach the page, without a slash at its end; undefined: where a request says that it was sent. */
  publicUrl?: string | undefined;
};

/** Static files by their path below `/static/`; undefined where there is none. */
export type Assets = (path: string) => Promise<Asset | undefined>;
export type Asset = {
  body: ReadableStream | Uint8Array<ArrayBuffer> | Blob | string;
  /** The body compressed, where there is that. */
  gzip?: Uint8Array<ArrayBuffer>;
  type: string;
  tag: string;
  /** Its name changes with what is in it, so a copy of it is good for ever. */
  lasting: boolean;
};

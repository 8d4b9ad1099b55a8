// What a request brings that may say whose it is, and what is then known of who calls.
import type { Principal } from '../chat/principal.ts';

export type Credentials = From & {
  /** Of `Authorization: Bearer …`. */
  bearer: string | undefined;
  /** Of `X-API-Key`. */
  apiKey: string | undefined;
  /** Of cookies with the page's name, in their order. */
  cookies: readonly string[];
  /** Reads `X-Owner`, whom a service speaks for; throws where that names nobody. Undefined without the header. */
  owner: (() => string) | undefined;
  /** What a header says, as text: which of them names an owner is known here. */
  header: (name: string) => string | undefined;
  /** Where the connection comes from; undefined where the runtime does not say. */
  peer: string | undefined;
};

/** What an audit says of a request: where it comes from, behind proxies that may say so. */
export type From = { address: string | undefined; requestId: string };

/** Who calls: with `owner` whose all is, or a service that names nobody. */
export type Identified = (Principal | (Omit<Principal, 'owner' | 'name'> & { owner: undefined })) & {
  /** The page's cookie says so, which a browser sends along by itself. */
  byCookie?: boolean;
  /** The hash of the key or cookie that they came by, which may be taken back while they are answered. */
  proof?: string;
  /** The id of the page's sign-in that they came by. */
  signIn?: string;
};

// The ways in, and what somebody who is in may be.

/** How a request may say whose it is, in no order: `AUTH` gives that. */
export const ways = ['none', 'keys', 'oidc', 'proxy'] as const;
export type Way = (typeof ways)[number];

/**
 * `viewer` reads, `member` also writes, what is the owner's; `admin` also looks after keys, limits, usage and audit of
 * all; `service` speaks for the owner that it names.
 */
export const roles = ['viewer', 'member', 'admin', 'service'] as const;
export type Role = (typeof roles)[number];

/** The owner of all while nobody says who they are. */
export const localName = 'local';
/** Why nobody comes from elsewhere under that name, which anybody might choose there. */
export const isLocal = `${localName} is the owner of AUTH=none, and nobody else`;

/** The name under which the default limits stand: of every owner who has none of their own. */
export const everyOwner = '*';

/** What can be stored, and does nothing to whatever shows it. */
export const isPlain = (name: string): boolean => name.isWellFormed() && !/\p{Cc}/u.test(name);

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

/** The longest name that an owner may have, in characters. */
export const longestOwnerName = 200;

/** The name under which the default limits stand: of every owner who has none of their own. */
export const everyOwner = '*';

/** What can be stored, and does nothing to whatever shows it. */
export const isPlain = (name: string): boolean => name.isWellFormed() && !/\p{Cc}/u.test(name);

/**
 * Whether somebody may be called so: 1 to 200 characters that are storable and can be seen. Nothing is taken off a name to
 * make it one, or two people would be the same owner.
 */
export const isOwnerName = (name: string): boolean =>
  name !== '' &&
  name.length <= 2 * longestOwnerName &&
  name !== everyOwner &&
  [...name].length <= longestOwnerName &&
  !unfit.test(name) &&
  name.isWellFormed();

/** Why somebody may not be called so, for the log. */
export const notAName =
  'it is empty or too long, is not UTF-8, has control characters, or begins or ends with what is not seen';

/** Control characters, those that turn the direction of what is read, and what stands for bytes that are not UTF-8. */
const anywhere = String.raw`[\p{Cc}\u202a-\u202e\u2066-\u2069\ufffd]`;
/** What is not seen: spaces of any kind, and characters without a shape. */
const unseen = String.raw`[\s\p{Cf}\p{Default_Ignorable_Code_Point}]`;
const unfit = new RegExp(`${anywhere}|^${unseen}|${unseen}$`, 'u');

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

/** The longest name that an owner may have, in characters. */
export const longestOwnerName = 200;

/** Whether somebody may be called so: 1 to 200 characters that are storable and can be seen. */
export const isOwnerName = (name: string): boolean =>
  name.length <= 2 * longestOwnerName &&
  name.trim() !== '' &&
  // Stands for all owners where limits are set.
  name !== '*' &&
  [...name].length <= longestOwnerName &&
  !/\p{Cc}/u.test(name) &&
  name.isWellFormed();

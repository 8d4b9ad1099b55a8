// Why an adoption does not go on, and names as the SQL that mends it spells them.

/** Why a database cannot be adopted. The message is one sentence, for people. */
export class AdoptionError extends Error {
  override name = 'AdoptionError';
}

/** A name of PostgreSQL's, in quotes where it needs them. */
export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

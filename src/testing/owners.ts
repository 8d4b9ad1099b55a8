// Owners that nobody else has: tests share a database, and keep apart by them.
import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import type { Owner } from '../db/owner.ts';
import { ownerQueries } from '../db/owners.ts';

export const newOwner = ({ db }: Database): Promise<Owner> => ownerQueries(db).named(randomUUID());

/**
 * The guard of the embedded database's folder: one process at a time, since two of them on one folder destroy
 * its data. The lock is the operating system's (taken by SQLite on an empty file), so it ends with its owner,
 * however that dies, and holds between containers that share a volume, where process ids mean nothing.
 */
import { Database } from 'bun:sqlite';
import { closeSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';

export interface Lock {
  release(): void;
}

/** Another process, or this one, already has the folder open. */
export class DataDirLockedError extends Error {
  override name = 'DataDirLockedError';
}

/** The folder cannot be made, written or locked. */
export class DataDirUnusableError extends Error {
  override name = 'DataDirUnusableError';
}

/** Held here for as long as the process lives: a lock that is garbage collected would silently be open again. */
const held = new Map<string, Database>();

/** How long a starting process waits for one that is just going, and for rivals that are just trying. */
const TAKE_MS = 1000;

/**
 * Takes `dir` (made if missing) for this process until `release()` or the process's end.
 * Throws `DataDirLockedError` or `DataDirUnusableError`; their message is one sentence for the operator.
 */
export function lockDataDir(dir: string): Lock {
  const folder = resolve(dir);
  const ownerFile = join(folder, 'agentchat.pid');
  let lock: Lock | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    lock = lockFile(join(folder, 'agentchat.lock'), TAKE_MS);
    if (lock) writeFileSync(ownerFile, `${process.pid}\n${hostname()}\n`);
  } catch (error) {
    lock?.release();
    throw new DataDirUnusableError(
      `The data folder ${folder} cannot be used (${reasonOf(error)}): make it writable for this user, or set DATA_DIR to another folder.`,
    );
  }
  if (!lock) {
    throw new DataDirLockedError(
      `The data folder ${folder} is in use by ${describeOwner(ownerFile)}: stop it, or set DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL server that several processes may share.`,
    );
  }
  const own = lock;
  let released = false;
  return {
    release() {
      if (released) return;
      released = true;
      rmSync(ownerFile, { force: true });
      own.release();
    },
  };
}

/**
 * Takes the lock of the file `path` (made empty if missing, and never removed: a lock on a removed file guards
 * nothing), waiting up to `waitMs` for its owner. Undefined when somebody else, or this process, keeps it.
 */
export function lockFile(path: string, waitMs: number): Lock | undefined {
  // Opened for writing only until SQLite has it: closing a file drops every POSIX lock this process has on it.
  if (!held.has(realPath(path))) closeSync(openSync(path, 'a'));
  const key = realPath(path);
  if (held.has(key)) return undefined;
  const database = new Database(key, { create: true });
  try {
    database.run(`PRAGMA busy_timeout = ${waitMs}`);
    database.run('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (codeOf(error)?.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  held.set(key, database);
  return {
    release() {
      if (held.get(key) !== database) return;
      held.delete(key);
      database.close();
    },
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function describeOwner(ownerFile: string): string {
  try {
    const [pid, host] = readFileSync(ownerFile, 'utf8').split('\n');
    if (!pid) return 'another process';
    if (host && host !== hostname()) return `process ${pid} on ${host}`;
    return Number(pid) === process.pid ? `this process (${pid})` : `process ${pid}`;
  } catch {
    return 'another process';
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function reasonOf(error: unknown): string {
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'a part of its path is a file',
    EEXIST: 'it is a file',
    ENOSPC: 'the disk is full',
  };
  const code = codeOf(error);
  return (code && reasons[code]) ?? code ?? 'unknown reason';
}

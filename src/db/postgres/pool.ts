// The connections of a process to its PostgreSQL server: who gets one, and which are good no longer. What waits, waits
// here, for any that is free or quick.

import { coded, databaseClosed, databaseErrorCode } from '../errors.ts';
import type { Connection } from './connection.ts';

export type PoolParts = {
  /** Opens one more. `onClose` is called once, when it is gone. */
  open(onClose: (connection: Connection) => void): Promise<Connection>;
  /** The most that are open at a time. One of them is kept for what is urgent. */
  most: number;
  /** How long somebody waits for one, in milliseconds. */
  waitMs: number;
  /** Called once when the server gives fewer: how many there are. */
  onFewer(count: number): void;
};

export type Pool = ReturnType<typeof createPool>;

/** One that was not heard of for this long is asked whether it is still there: networks forget idle connections. */
const quietMs = 30_000;
/** How long it may take to say so. */
const checkMs = 2000;
/** One that nobody has needed for this long is given back. */
const idleMs = 180_000;
/** None grows older: what a server keeps for a connection only grows. */
const oldMs = 45 * 60_000;
/** How long a server that gave no more connections is not asked for more. */
const fewerMs = 10_000;
/** How soon it is asked again at all, after it let one not in. */
const againMs = 250;

/** So many statements one connection is given at once, where all are busy; the server does them one after another. */
const mostAtOnce = 4;
/** Only to one that was heard of so lately: none is to stand behind a statement that is known to be slow. */
const slowMs = 50;

type Lane = 'urgent' | 'ordinary';
/** `alone`: for a transaction, which shares its connection with nobody. */
type Waiting = { alone: boolean; take(connection: Connection): void; fail(error: unknown): void };

export function createPool({ open, most, waitMs, onFewer }: PoolParts) {
  const connections = new Set<Connection>();
  const idle: Connection[] = [];
  /** What each that is not idle does: how many statements, since when there is no answer. */
  const busy = new Map<Connection, { alone: boolean; count: number; since: number }>();
  /** Those that do what is not urgent. */
  const ordinary = new Set<Connection>();
  const waiting: { urgent: Waiting[]; ordinary: Waiting[] } = { urgent: [], ordinary: [] };
  let opening = 0;
  let limit = most;
  let mayGrowAt = 0;
  let mayOpenAt = 0;
  let lastRefusal: unknown;
  let toldFewer = false;
  let renewedAt = 0;
  let ending: Promise<void> | undefined;
  let end = () => {};
  const sweep = setInterval(closeIdle, idleMs / 6);

  /** Gives free connections to those who wait, and opens more where there are none. */
  function serve(): void {
    if (limit < most && performance.now() > mayGrowAt) limit = most;
    for (let lane = nextLane(); lane; lane = nextLane()) {
      const connection = idle.pop();
      if (!connection) break;
      const next = waiting[lane].shift();
      give(connection, lane, next?.alone ?? false);
      next?.take(connection);
    }
    const wanted = waiting.urgent.length + Math.min(waiting.ordinary.length, mostOrdinary() - ordinary.size);
    while (opening < wanted && connections.size + opening < limit && performance.now() >= mayOpenAt)
      openOne();
    share('urgent');
    if (waiting.urgent.length === 0) share('ordinary');
    if (limit < most && opening === 0 && connections.size > 0 && !toldFewer) {
      toldFewer = true;
      onFewer(connections.size);
    }
    if (ending && connections.size + opening === 0) end();
  }

  function give(connection: Connection, lane: Lane, alone: boolean): void {
    busy.set(connection, { alone, count: 1, since: performance.now() });
    if (lane === 'ordinary') ordinary.add(connection);
  }

  /** Where all are busy: to the quick ones, before they have answered, so that the server need not wait for more. */
  function share(lane: Lane): void {
    for (let next = waiting[lane][0]; next && !next.alone; next = waiting[lane][0]) {
      const connection = leastBusy(lane);
      if (!connection) return;
      waiting[lane].shift();
      next.take(connection);
    }
  }

  /** Counts one statement more for it. */
  function leastBusy(lane: Lane): Connection | undefined {
    const after = performance.now() - slowMs;
    let least: Connection | undefined;
    let fewest = mostAtOnce;
    for (const [connection, { alone, count, since }] of busy) {
      if (alone || count >= fewest || since < after || connection.openedAt < renewedAt) continue;
      // What is urgent is not to stand behind what may yet turn out slow.
      if ((lane === 'ordinary') !== ordinary.has(connection)) continue;
      least = connection;
      fewest = count;
    }
    const work = least && busy.get(least);
    if (work) work.count++;
    return least;
  }

  function nextLane(): Lane | undefined {
    if (waiting.urgent.length > 0) return 'urgent';
    return waiting.ordinary.length > 0 && ordinary.size < mostOrdinary() ? 'ordinary' : undefined;
  }

  const mostOrdinary = () => Math.max(1, limit - 1);

  async function openOne(): Promise<void> {
    opening++;
    try {
      const connection = await open(gone);
      opening--;
      if (!connection.isOpen()) return serve();
      connections.add(connection);
      lastRefusal = undefined;
      release(connection);
    } catch (error) {
      opening--;
      refused(error);
    }
  }

  function refused(error: unknown): void {
    const left = connections.size + opening;
    if (databaseErrorCode(error) === tooMany) {
      limit = Math.max(1, left);
      lastRefusal = error;
      mayGrowAt = performance.now() + fewerMs;
    } else if (left === 0) {
      failAll(error);
    }
    // Those who come later ask the server anew, at once where nobody else can serve them.
    mayOpenAt = waiting.urgent.length + waiting.ordinary.length > 0 ? performance.now() + againMs : 0;
    if (mayOpenAt > 0) setTimeout(serve, againMs + 1);
    serve();
  }

  function failAll(error: unknown): void {
    for (const one of [...waiting.urgent.splice(0), ...waiting.ordinary.splice(0)]) one.fail(error);
  }

  function gone(connection: Connection): void {
    connections.delete(connection);
    busy.delete(connection);
    ordinary.delete(connection);
    const place = idle.indexOf(connection);
    if (place >= 0) idle.splice(place, 1);
    serve();
  }

  function release(connection: Connection): void {
    const work = busy.get(connection);
    if (work && work.count > 1) {
      work.count--;
      work.since = performance.now();
      serve();
      return;
    }
    busy.delete(connection);
    ordinary.delete(connection);
    const { openedAt } = connection;
    if (ending || openedAt < renewedAt || performance.now() - openedAt > oldMs) connection.close();
    if (connection.isOpen()) idle.push(connection);
    serve();
  }

  /** One that nobody uses and nobody waits for. */
  function free(lane: Lane, alone: boolean): Connection | undefined {
    if (waiting.urgent.length + waiting.ordinary.length > 0) return undefined;
    if (lane === 'ordinary' && ordinary.size >= mostOrdinary()) return undefined;
    const connection = idle.pop();
    if (connection) give(connection, lane, alone);
    return connection;
  }

  function queued(lane: Lane, alone: boolean): Promise<Connection> {
    if (ending) return Promise.reject(databaseClosed());
    return new Promise((resolve, reject) => {
      const own: Waiting = {
        alone,
        take: (connection) => {
          clearTimeout(timer);
          resolve(connection);
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        waiting[lane].splice(waiting[lane].indexOf(own), 1);
        reject(connections.size === 0 && lastRefusal ? lastRefusal : noAnswer());
      }, waitMs);
      waiting[lane].push(own);
      serve();
    });
  }

  function closeIdle(): void {
    const before = performance.now() - idleMs;
    for (const connection of [...idle]) if (connection.heardAt < before) connection.close();
  }

  /** Asks those that nobody uses now whether they are still there. */
  function check(): void {
    for (const connection of idle.splice(0)) {
      connection.answers(checkMs).then((there) => there && release(connection));
    }
  }

  return {
    /**
     * A connection that is there, to be given back with `release`; others may be given it too, unless `alone`. Urgent:
     * before all others, by the one kept for it.
     */
    async take({
      urgent = false,
      alone = false,
    }: {
      urgent?: boolean;
      alone?: boolean;
    }): Promise<Connection> {
      const lane = urgent ? 'urgent' : 'ordinary';
      for (;;) {
        const connection = free(lane, alone) ?? (await queued(lane, alone));
        if (performance.now() - connection.heardAt < quietMs) return connection;
        if (await connection.answers(checkMs)) return connection;
        // What was lost here may be lost on all.
        check();
      }
    },
    release,
    check,
    /** None that is open now is used again: the server is not the one that it was. */
    renew(): void {
      renewedAt = performance.now();
      for (const connection of [...idle]) connection.close();
    },
    /** Waits up to `forMs` for what is being asked. */
    async close(forMs: number): Promise<void> {
      if (ending) return ending;
      ending = new Promise((resolve) => {
        end = resolve;
      });
      clearInterval(sweep);
      const ended = databaseClosed();
      failAll(ended);
      for (const connection of [...idle]) connection.close();
      const timer = setTimeout(() => {
        for (const connection of [...connections]) connection.close(ended);
        end();
      }, forMs);
      serve();
      await ending;
      clearTimeout(timer);
    },
  };
}

const tooMany = '53300';

export const noAnswer = (): Error => coded('NO_ANSWER', 'the database gave no answer');

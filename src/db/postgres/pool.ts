// Who gets a connection to the PostgreSQL server, of the few that a process has. What waits, waits here, for any that is
// free or quick; which are good, `pool-members` knows.
import { databaseClosed, databaseErrorCode } from '../errors.ts';
import { type Connection, noAnswer } from './connection.ts';
import { createMembers, type Lane, type Member } from './pool-members.ts';

export type PoolParts = {
  /** Opens one more. `onClose` is called once, when it is gone. */
  open(onClose: (connection: Connection) => void): Promise<Connection>;
  /** The most that are open at a time. One of them is kept for what is urgent. */
  most: number;
  /** How long somebody waits, for a connection and its answer, and how long one may be silent. In milliseconds. */
  answerMs: number;
  /** Called once when the server gives fewer: how many there are. */
  onFewer(count: number): void;
};

export type Pool = ReturnType<typeof createPool>;

/** Somebody who needs a connection: of `begin` and `fail` one is called, once. */
export type Wanted = {
  /** Before all others, by the connection kept for it. */
  urgent: boolean;
  /** For what shares its connection with nobody. */
  alone: boolean;
  /** Since when, as `performance.now()` counts. */
  askedAt: number;
  /** What it asks may take as long as it takes. */
  patient?: boolean;
  /** It has the connection until it gives it back with `release`. */
  begin(member: Member): void;
  fail(error: unknown): void;
};

/** How long a server that gave no more connections is not asked for more. */
const fewerMs = 10_000;
/** How soon it is asked again at all, after it let one not in. */
const againMs = 250;
/** How long somebody waits for a server that gives no connection at all, as it has too many. */
const crowdedMs = 1000;

/** So many statements one connection is given at once, where all are busy; the server does them one after another. */
const mostAtOnce = 4;
/** Only to one that was heard of so lately: none is to stand behind a statement that is known to be slow. */
const slowMs = 50;

export function createPool({ open, most, answerMs, onFewer }: PoolParts) {
  const members = createMembers({ answerMs, onChange: serve });
  const waiting: Record<Lane, Wanted[]> = { urgent: [], ordinary: [] };
  let opening = 0;
  let limit = most;
  let mayGrowAt = 0;
  let mayOpenAt = 0;
  let lastRefusal: unknown;
  let toldFewer = false;
  let ending: Promise<void> | undefined;
  let end = () => {};
  // One timer for all: a statement costs none.
  const watch = setInterval(look, Math.min(250, Math.max(5, answerMs / 50)));

  const waitingCount = () => waiting.urgent.length + waiting.ordinary.length;
  const mostOrdinary = () => Math.max(1, limit - 1);
  const mayTake = (lane: Lane) => lane === 'urgent' || members.ordinary() < mostOrdinary();

  function want(wanted: Wanted): void {
    if (ending) {
      wanted.fail(databaseClosed());
      return;
    }
    const lane = wanted.urgent ? 'urgent' : 'ordinary';
    const next = members.next();
    if (next && waitingCount() === 0 && mayTake(lane) && !members.isQuiet(next, wanted.askedAt)) {
      give(lane, wanted);
    } else {
      waiting[lane].push(wanted);
      serve();
    }
  }

  function give(lane: Lane, wanted: Wanted): void {
    const { alone, patient = false } = wanted;
    const member = members.take(lane, { alone, patient });
    if (member) wanted.begin(member);
  }

  /** Gives connections to those who wait, and opens more where there are none. */
  function serve(): void {
    if (ending && members.all.length + opening === 0) end();
    if (waitingCount() === 0) return;
    const now = performance.now();
    if (limit < most && now > mayGrowAt) limit = most;
    giveIdle(now);
    openMore(now);
    share('urgent', now);
    if (waiting.urgent.length === 0) share('ordinary', now);
  }

  function giveIdle(now: number): void {
    for (let lane = nextLane(); lane; lane = nextLane()) {
      const member = members.next();
      if (!member) return;
      if (members.isQuiet(member, now)) {
        if (members.hopeful(now) >= waitingCount()) return;
        members.verifyNext();
        continue;
      }
      const next = waiting[lane].shift();
      if (!next) return;
      give(lane, next);
    }
  }

  function nextLane(): Lane | undefined {
    if (waiting.urgent.length > 0) return 'urgent';
    return waiting.ordinary.length > 0 && mayTake('ordinary') ? 'ordinary' : undefined;
  }

  function openMore(now: number): void {
    const free = Math.min(waiting.ordinary.length, mostOrdinary() - members.ordinary());
    const needed = waiting.urgent.length + free - members.hopeful(now);
    while (opening < needed && now >= mayOpenAt) {
      if (members.all.length + opening < limit) openOne();
      else {
        const doubtful = members.doubtful(now);
        if (!doubtful) return;
        doubtful.connection.close();
      }
    }
  }

  /**
   * Where all are busy, and no more are being opened: to the quick ones, before they have answered, so that the server
   * need not wait for more.
   */
  function share(lane: Lane, now: number): void {
    for (let next = waiting[lane][0]; next && !next.alone; next = waiting[lane][0]) {
      if (waitingCount() <= opening) return;
      const member = leastBusy(lane, now - slowMs);
      if (!member) return;
      waiting[lane].shift();
      next.begin(member);
    }
  }

  // What is urgent is not to stand behind what may yet turn out slow.
  function leastBusy(lane: Lane, heardAfter: number): Member | undefined {
    let least: Member | undefined;
    let fewest = mostAtOnce;
    for (const member of members.all) {
      const { asked, silentSince } = member.connection;
      if (member.use !== 'shared' || member.lane !== lane || asked.length >= fewest) continue;
      if (silentSince < heardAfter || members.isOutdated(member.connection)) continue;
      least = member;
      fewest = asked.length;
    }
    return least;
  }

  async function openOne(): Promise<void> {
    opening++;
    try {
      const connection = await open(members.remove);
      opening--;
      if (!connection.isOpen()) return serve();
      lastRefusal = undefined;
      members.add(connection);
      if (limit < most && opening === 0) tellFewer();
    } catch (error) {
      opening--;
      refused(error);
    }
  }

  function tellFewer(): void {
    if (toldFewer || members.all.length === 0) return;
    toldFewer = true;
    onFewer(members.all.length);
  }

  function refused(error: unknown): void {
    const left = members.all.length + opening;
    const now = performance.now();
    if (databaseErrorCode(error) === tooMany) {
      limit = Math.max(1, left);
      lastRefusal = error;
      mayGrowAt = now + fewerMs;
      if (opening === 0) tellFewer();
      if (left === 0) failAll(error, now - crowdedMs);
    } else if (left === 0) {
      lastRefusal = undefined;
      failAll(error);
    }
    // Those who come later ask the server anew, at once where nobody else can serve them.
    mayOpenAt = waitingCount() > 0 ? now + againMs : 0;
    if (mayOpenAt > 0) setTimeout(serve, againMs + 1);
    serve();
  }

  /** All who have waited since `before`. */
  function failAll(error: unknown, before = Number.POSITIVE_INFINITY): void {
    for (const lane of ['urgent', 'ordinary'] as const) {
      const failed = waiting[lane].filter(({ askedAt }) => askedAt <= before);
      if (failed.length === 0) continue;
      waiting[lane] = waiting[lane].filter(({ askedAt }) => askedAt > before);
      for (const one of failed) one.fail(error);
    }
  }

  /** Ends what has no answer for too long, and what nobody needs. */
  function look(): void {
    const now = performance.now();
    failAll(members.all.length === 0 && lastRefusal ? lastRefusal : noAnswer(), now - answerMs);
    members.look(now);
  }

  return {
    answerMs,
    want,
    release: members.release,
    check: members.check,
    renew: members.renew,
    /** Waits up to `forMs` for what is being asked. */
    async close(forMs: number): Promise<void> {
      if (ending) return ending;
      ending = new Promise((resolve) => {
        end = resolve;
      });
      const ended = databaseClosed();
      failAll(ended);
      members.end();
      const timer = setTimeout(() => {
        members.closeAll(ended);
        end();
      }, forMs);
      serve();
      await ending;
      clearTimeout(timer);
      clearInterval(watch);
    },
  };
}

const tooMany = '53300';

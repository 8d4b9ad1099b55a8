// The connections of a process to its PostgreSQL server: who gets one, and which are good no longer. What waits, waits
// here, for any that is free or quick.
import { coded, databaseClosed, databaseErrorCode } from '../errors.ts';
import type { Connection } from './connection.ts';

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

type Lane = 'urgent' | 'ordinary';

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

/** A connection of the pool, and what it is used for. */
export type Member = {
  readonly connection: Connection;
  /** `checked`: it is asked whether it is still there; `left`: what it is asked is asked elsewhere too. */
  use: 'idle' | 'shared' | 'alone' | 'checked' | 'left' | 'gone';
  lane: Lane | undefined;
  patient: boolean;
  /** The silence that those who ask were told of: when it began. */
  toldOf: number;
};

/** One that was not heard of for this long is asked whether it is still there: networks forget idle connections. */
const quietMs = 30_000;
/** How long it may take to say so; and how long until another takes its place, where one is needed. */
const checkMs = 2000;
const doubtMs = 250;
/** One that nobody has needed for this long is given back. */
const idleMs = 180_000;
/** None grows older: what a server keeps for a connection only grows. */
const oldMs = 45 * 60_000;
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
  const members: Member[] = [];
  /** The one used last is the last. */
  const idle: Member[] = [];
  const waiting: Record<Lane, Wanted[]> = { urgent: [], ordinary: [] };
  /** How many do what is not urgent. */
  let ordinary = 0;
  /** How many are asked whether they are there. */
  let checked = 0;
  let opening = 0;
  let limit = most;
  let mayGrowAt = 0;
  let mayOpenAt = 0;
  let lastRefusal: unknown;
  let toldFewer = false;
  let renewedAt = 0;
  let ending: Promise<void> | undefined;
  let end = () => {};
  // One timer for all: a statement costs none.
  const watch = setInterval(look, Math.min(250, Math.max(5, answerMs / 50)));

  const waitingCount = () => waiting.urgent.length + waiting.ordinary.length;
  const mostOrdinary = () => Math.max(1, limit - 1);
  const mayTake = (lane: Lane) => lane === 'urgent' || ordinary < mostOrdinary();
  const isQuiet = ({ connection }: Member, now: number) => now - connection.heardAt >= quietMs;

  function want(wanted: Wanted): void {
    if (ending) {
      wanted.fail(databaseClosed());
      return;
    }
    const lane = wanted.urgent ? 'urgent' : 'ordinary';
    const last = idle.at(-1);
    if (last && waitingCount() === 0 && mayTake(lane) && !isQuiet(last, wanted.askedAt)) {
      idle.pop();
      give(last, lane, wanted);
    } else {
      waiting[lane].push(wanted);
      serve();
    }
  }

  function give(member: Member, lane: Lane, wanted: Wanted): void {
    member.use = wanted.alone ? 'alone' : 'shared';
    member.patient = wanted.patient === true;
    member.lane = lane;
    if (lane === 'ordinary') ordinary++;
    wanted.begin(member);
  }

  /** Gives connections to those who wait, and opens more where there are none. */
  function serve(): void {
    if (ending && members.length + opening === 0) end();
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
      const member = idle.at(-1);
      if (!member) return;
      if (isQuiet(member, now)) {
        if (hopeful(now) >= waitingCount()) return;
        idle.pop();
        verify(member);
        continue;
      }
      const next = waiting[lane].shift();
      if (!next) return;
      idle.pop();
      give(member, lane, next);
    }
  }

  function nextLane(): Lane | undefined {
    if (waiting.urgent.length > 0) return 'urgent';
    return waiting.ordinary.length > 0 && mayTake('ordinary') ? 'ordinary' : undefined;
  }

  function openMore(now: number): void {
    const free = Math.min(waiting.ordinary.length, mostOrdinary() - ordinary);
    const needed = waiting.urgent.length + free - hopeful(now);
    while (opening < needed && now >= mayOpenAt) {
      if (members.length + opening < limit) openOne();
      else {
        const doubtful =
          members.find((member) => member.use === 'checked' && !isHopeful(member, now)) ??
          members.find(({ use }) => use === 'left');
        if (!doubtful) return;
        doubtful.connection.close();
      }
    }
  }

  /** How many of those that are asked have had no time to answer. */
  const hopeful = (now: number) =>
    checked === 0 ? 0 : members.filter((member) => isHopeful(member, now)).length;
  const isHopeful = ({ use, connection }: Member, now: number) =>
    use === 'checked' && now - connection.silentSince < doubtMs;

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
    for (const member of members) {
      const { asked, silentSince, openedAt } = member.connection;
      if (member.use !== 'shared' || member.lane !== lane || asked.length >= fewest) continue;
      if (silentSince < heardAfter || openedAt < renewedAt) continue;
      least = member;
      fewest = asked.length;
    }
    return least;
  }

  async function openOne(): Promise<void> {
    opening++;
    try {
      const connection = await open(gone);
      opening--;
      if (!connection.isOpen()) return serve();
      const member: Member = { connection, use: 'alone', lane: undefined, patient: false, toldOf: 0 };
      members.push(member);
      lastRefusal = undefined;
      release(member);
      if (limit < most && opening === 0) tellFewer();
    } catch (error) {
      opening--;
      refused(error);
    }
  }

  function tellFewer(): void {
    if (toldFewer || members.length === 0) return;
    toldFewer = true;
    onFewer(members.length);
  }

  function refused(error: unknown): void {
    const left = members.length + opening;
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

  function gone(connection: Connection): void {
    const place = members.findIndex((member) => member.connection === connection);
    const [member] = place < 0 ? [] : members.splice(place, 1);
    if (member) {
      if (member.use === 'idle') idle.splice(idle.indexOf(member), 1);
      leave(member, 'gone');
    }
    serve();
  }

  function leave(member: Member, use: Member['use']): void {
    if (member.lane === 'ordinary') ordinary--;
    member.lane = undefined;
    member.use = use;
  }

  function release(member: Member): void {
    const { connection } = member;
    if (member.use === 'gone') return;
    if (connection.asked.length === 0) {
      leave(member, 'idle');
      idle.push(member);
      const { openedAt, heardAt } = connection;
      // Whoever waits is served when it is gone.
      if (ending || openedAt < renewedAt || heardAt - openedAt > oldMs) connection.close();
    }
    serve();
  }

  /** Asks one that nobody uses whether it is still there. */
  async function verify(member: Member): Promise<void> {
    member.use = 'checked';
    checked++;
    const answer = member.connection.answers(checkMs);
    setTimeout(serve, doubtMs + 1);
    const isThere = await answer;
    checked--;
    if (isThere) release(member);
    // What was lost here may be lost on all.
    else check();
  }

  /** Asks so all that nobody uses now. */
  function check(): void {
    for (const member of idle.splice(0)) verify(member);
  }

  /** Ends what has no answer for too long, and what nobody needs. */
  function look(): void {
    const now = performance.now();
    failAll(members.length === 0 && lastRefusal ? lastRefusal : noAnswer(), now - answerMs);
    for (const member of [...members]) {
      const { connection, use } = member;
      if (use === 'idle' && now - connection.heardAt > idleMs) connection.close();
      if (connection.asked.length > 0 && use !== 'checked') lookAt(member, now);
    }
  }

  function lookAt(member: Member, now: number): void {
    const { connection, patient } = member;
    const { silentSince } = connection;
    for (const one of [...connection.asked]) if (one.until <= now) one.late();
    if (patient) return;
    if (now - silentSince >= answerMs) connection.close(noAnswer());
    else if (now - silentSince >= answerMs / 3 && member.toldOf !== silentSince) {
      member.toldOf = silentSince;
      // The network may have forgotten the others too.
      check();
      if ([...connection.asked].map((one) => one.silent()).every(Boolean)) leave(member, 'left');
      serve();
    }
  }

  return {
    answerMs,
    want,
    release,
    check,
    /** None that is open now is used again: the server is not the one that it was. */
    renew(): void {
      renewedAt = performance.now();
      for (const { connection } of [...idle]) connection.close();
    },
    /** Waits up to `forMs` for what is being asked. */
    async close(forMs: number): Promise<void> {
      if (ending) return ending;
      ending = new Promise((resolve) => {
        end = resolve;
      });
      const ended = databaseClosed();
      failAll(ended);
      for (const { connection, use } of [...members])
        if (use === 'idle' || use === 'checked' || use === 'left') connection.close();
      const timer = setTimeout(() => {
        for (const { connection } of [...members]) connection.close(ended);
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

export const noAnswer = (): Error => coded('NO_ANSWER', 'the database gave no answer');

// The connections of a pool that are open: what each is used for, and which are good no longer.
import { type Connection, noAnswer } from './connection.ts';

export type Lane = 'urgent' | 'ordinary';

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

export type MembersParts = {
  /** How long one may be silent, in milliseconds. */
  answerMs: number;
  /** Called when one is free, or has gone, or another may be opened in its place: it may be somebody's turn. */
  onChange(): void;
};

export type Members = ReturnType<typeof createMembers>;

/** One that was not heard of for this long is asked whether it is still there: networks forget idle connections. */
const quietMs = 30_000;
/** How long it may take to say so; and how long until another takes its place, where one is needed. */
const checkMs = 2000;
const doubtMs = 250;
/** One that nobody has needed for this long is given back. */
const idleMs = 180_000;
/** None grows older: what a server keeps for a connection only grows. */
const oldMs = 45 * 60_000;

export function createMembers({ answerMs, onChange }: MembersParts) {
  const all: Member[] = [];
  /** The one used last is the last. */
  const idle: Member[] = [];
  /** How many do what is not urgent. */
  let ordinary = 0;
  /** How many are asked whether they are there. */
  let checked = 0;
  let renewedAt = 0;
  let ending = false;

  /** How many of those that are asked have had no time to answer. */
  const hopeful = (now: number) =>
    checked === 0 ? 0 : all.filter((member) => isHopeful(member, now)).length;
  const isHopeful = ({ use, connection }: Member, now: number) =>
    use === 'checked' && now - connection.silentSince < doubtMs;
  /** Opened before the server was found to be another. */
  const isOutdated = ({ openedAt }: Connection) => openedAt < renewedAt;

  function add(connection: Connection): void {
    const member: Member = { connection, use: 'alone', lane: undefined, patient: false, toldOf: 0 };
    all.push(member);
    release(member);
  }

  /** Its connection is closed. */
  function remove(connection: Connection): void {
    const place = all.findIndex((member) => member.connection === connection);
    const [member] = place < 0 ? [] : all.splice(place, 1);
    if (member) {
      if (member.use === 'idle') idle.splice(idle.indexOf(member), 1);
      leave(member, 'gone');
    }
    onChange();
  }

  function take(lane: Lane, { alone, patient }: { alone: boolean; patient: boolean }): Member | undefined {
    const member = idle.pop();
    if (!member) return undefined;
    member.use = alone ? 'alone' : 'shared';
    member.patient = patient;
    member.lane = lane;
    if (lane === 'ordinary') ordinary++;
    return member;
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
      // Whoever waits is served when it is gone.
      if (ending || isOutdated(connection) || connection.heardAt - connection.openedAt > oldMs) {
        connection.close();
      }
    }
    onChange();
  }

  /** Asks one that nobody uses whether it is still there. */
  async function verify(member: Member): Promise<void> {
    member.use = 'checked';
    checked++;
    const answer = member.connection.answers(checkMs);
    setTimeout(onChange, doubtMs + 1);
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

  /** Ends those that have said nothing for too long, and those that nobody needs. */
  function look(now: number): void {
    for (const member of [...all]) {
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
      onChange();
    }
  }

  return {
    all,
    ordinary: () => ordinary,
    /** The one that is free and was used last: the next that `take` gives. */
    next: () => idle.at(-1),
    isQuiet: ({ connection }: Member, now: number) => now - connection.heardAt >= quietMs,
    hopeful,
    /** One in whose place another may be opened: it has had time to answer, or is not waited for any more. */
    doubtful: (now: number) =>
      all.find((member) => member.use === 'checked' && !isHopeful(member, now)) ??
      all.find(({ use }) => use === 'left'),
    isOutdated,
    add,
    remove,
    take,
    release,
    /** Asks the next one whether it is still there. */
    verifyNext(): void {
      const member = idle.pop();
      if (member) verify(member);
    },
    check,
    look,
    /** None that is open now is used again: the server is not the one that it was. */
    renew(): void {
      renewedAt = performance.now();
      for (const { connection } of [...idle]) connection.close();
    },
    /** Closes those whose answer nobody waits for, and from now on each when it is released. */
    end(): void {
      ending = true;
      for (const { connection, use } of [...all])
        if (use === 'idle' || use === 'checked' || use === 'left') connection.close();
    },
    closeAll(reason: Error): void {
      for (const { connection } of [...all]) connection.close(reason);
    },
  };
}

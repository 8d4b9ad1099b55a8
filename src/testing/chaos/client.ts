// A client: sends one message after the other, and does what clients do when servers die.
import { TooLate } from './clock.ts';
import { createRandom, type Random } from './random.ts';
import type { Sent } from './record.ts';
import { type Outcome, retry, say, type Way } from './say.ts';
import { session } from './wire.ts';
import type { World } from './world.ts';

/** The session a client talks in, alone or with others; a new one after some messages. */
export type Talk = { sessionId: string; sent: number };

const messagesPerSession = 30;

/** Talks of one to three clients each; about a third of all clients share one. */
export function createTalks(clients: number, random: Random): Talk[] {
  const talks: Talk[] = [];
  while (talks.length < clients) {
    const talk: Talk = { sessionId: '', sent: messagesPerSession };
    const sharing = random.chance(0.18) ? random.int(2, 3) : 1;
    for (let one = 0; one < sharing && talks.length < clients; one++) talks.push(talk);
  }
  return talks;
}

export async function runClient(world: World, name: string, talk: Talk): Promise<void> {
  const { options, record, clock } = world;
  const random = createRandom(`${options.seed} ${name}`);
  await Bun.sleep(random.int(0, 1000));
  for (let number = 1; clock.sending(); number++) {
    let sent: Sent | undefined;
    try {
      await ensureSession(world, talk);
      talk.sent++;
      sent = message(world, talk, name, number);
      record.sent.push(sent);
      await converse(world, sent, number % 2 === 0 ? 'blocking' : 'streaming', random);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      const what = sent ? `${sent.tag} of ${sent.sessionId}` : 'a new session';
      record.unfinished.push(`${name} got no end of ${what}`);
    }
    await Bun.sleep(random.int(100, 1200));
  }
}

function message(world: World, talk: Talk, client: string, number: number): Sent {
  const tag = `${client}-${number}`;
  const key = `${world.options.seed}-${tag}`;
  return {
    tag,
    key,
    client,
    sessionId: talk.sessionId,
    accepted: false,
    turnIds: new Set(),
    told: [],
    retries: 0,
  };
}

async function converse(world: World, sent: Sent, way: Way, random: Random): Promise<void> {
  const { options, record } = world;
  let outcome: Outcome;
  if (options.sameKey && random.chance(0.1)) {
    record.count('messages sent several times at once');
    const ways = Array.from({ length: random.int(2, 4) }, (): Way => random.pick(['blocking', 'streaming']));
    const outcomes = await Promise.all(ways.map((each) => say(world, sent, each, random)));
    outcome = outcomes.find((one) => one !== 'later') ?? 'later';
  } else {
    outcome = await say(world, sent, way, random);
  }
  // One that is given up too early is to be seen at the end.
  const mayRetry = () => !record.hunted.has(sent.tag) && random.chance(0.6);
  for (let times = 0; outcome === 'failed' && times < 2 && mayRetry(); times++)
    outcome = await retry(world, sent, random);
  if (options.sameKey && outcome !== 'later' && random.chance(0.05)) {
    record.count('messages sent again after their end');
    await say(world, sent, random.pick(['blocking', 'streaming']), random);
  }
}

// Sharing clients wait for the one that makes it.
const making = new WeakMap<Talk, Promise<void>>();

async function ensureSession(world: World, talk: Talk): Promise<void> {
  if (talk.sent < messagesPerSession) return;
  const made =
    making.get(talk) ??
    world.api.patient(session, 'POST', '/api/sessions', { body: {} }).then(({ id }) => {
      talk.sessionId = id;
      talk.sent = 0;
    });
  making.set(talk, made);
  await made.finally(() => making.delete(talk));
}

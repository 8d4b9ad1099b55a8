// Two processes on one database and a session, in which turns are made to happen, and what their readers were told.
import type { Database } from '../../db/database.ts';
import { joined } from '../event-stream.ts';
import { type Step, scriptedModel } from '../scripted-model.ts';
import { expireLeases } from '../two-apps.ts';
import { openOldApp } from './open-old-app.ts';
import { type Followed, follow, followed, streamHeaders } from './told.ts';

/** A turn, with all who read it: `here` where it runs, the others elsewhere. */
export type PlayedTurn = { kind: string; session: string; id: string; path: string; readers: Followed[] };

export type Stage = Awaited<ReturnType<typeof setStage>>;

type Setting = { script: (call: number) => Step[]; demo?: boolean; session?: object };

export async function setStage(database: Database, { script, demo = false, session: body = {} }: Setting) {
  const model = { ...scriptedModel((_, call) => script(call)), demo };
  const [one, two] = [await openOldApp(database, model), await openOldApp(database, model)];
  const session = await one.newSession(body);
  const turns: PlayedTurn[] = [];

  /** Sends something, and has it read here and elsewhere. */
  async function say(kind: string, message: string | object, headers = {}): Promise<PlayedTurn> {
    const content = typeof message === 'string' ? { content: message } : message;
    const path = `/api/sessions/${session}/chat`;
    const here = followed(await one.send('POST', path, content, { ...streamHeaders, ...headers }));
    await until(() => here.events.length > 0);
    const id: string = here.events[0]?.data.turn_id;
    const turn = { kind, session, id, path: `/api/sessions/${session}/turns/${id}`, readers: [here] };
    turns.push(turn);
    turn.readers.push(await follow(two, turn.path));
    return turn;
  }

  return {
    one,
    two,
    model,
    session,
    turns,
    say,

    /** The same to its end. */
    async hear(kind: string, message: string | object, headers = {}): Promise<PlayedTurn> {
      const turn = await say(kind, message, headers);
      await ended(turn);
      return turn;
    },

    async retry(turn: PlayedTurn): Promise<void> {
      const init = { method: 'POST', headers: streamHeaders };
      turn.readers.push(followed(await one.request(`${turn.path}/retry`, init)));
      turn.readers.push(await follow(two, turn.path));
    },

    async cancel({ path }: PlayedTurn): Promise<void> {
      await one.request(`${path}/cancel`, { method: 'POST' });
    },

    /** The process of its turns is gone, and `next` takes them over. */
    async lose(next: typeof one): Promise<void> {
      await expireLeases(database, session);
      await next.turns.beat();
    },
  };
}

/** Once its readers have the end. */
export async function ended({ readers }: PlayedTurn): Promise<void> {
  await Promise.all(readers.map((reader) => reader.ended));
}

/** Once so much of its text, of all attempts, is stored, and was read from there. */
export async function stored({ readers }: PlayedTurn, text: string): Promise<void> {
  const there = readers[1]?.events ?? [];
  await until(() => joined(there, 'ModelClientStreamingChunkEvent') === text);
}

export async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited++) {
    if (waited > 4000) throw new Error(`in vain: ${isSo}`);
    await Bun.sleep(5);
  }
}

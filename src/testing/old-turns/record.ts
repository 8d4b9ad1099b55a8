// Writes down what an app answers of old turns: behind every cursor, and as objects.
import type { ReceivedEvent } from '../event-stream.ts';
import type { OldTurn, OldTurns } from './old-turns.ts';
import type { OldApp } from './open-old-app.ts';
import type { PlayedTurn } from './stage.ts';
import { answerAt, follow, isPiece, type Told, told, written } from './told.ts';

/** A turn is known by what was said: its ids are not those that it was played under. */
export async function record(app: OldApp, played: readonly PlayedTurn[]): Promise<OldTurns> {
  const list = (await answerAt(app, '/api/sessions?limit=100')) as { id: string }[];
  const turns: OldTurn[] = [];
  const answers: OldTurns['answers'] = { '/api/sessions?limit=100': list };
  for (const { id } of list.toReversed()) {
    for (const path of ['', '/history?limit=1000', '/history?include=events,imported']) {
      const answer = await answerAt(app, `/api/sessions/${id}${path}`);
      // Of a long one once is enough.
      if (!path.includes('include') || JSON.stringify(answer).length < 10_000)
        answers[`/api/sessions/${id}${path}`] = answer;
    }
    const found = (await answerAt(app, `/api/sessions/${id}/turns?limit=100`)) as { id: string }[];
    for (const turn of found.toReversed()) {
      const path = `/api/sessions/${id}/turns/${turn.id}`;
      const answer = (await answerAt(app, path)) as { user_message: { content: string } };
      answers[path] = answer;
      const live = played.filter(
        ({ readers }) => readers[0]?.events[0]?.data.message.content === answer.user_message.content,
      );
      if (!live[0] || live.length > 1)
        throw new Error(`${live.length} turns of ${answer.user_message.content}`);
      turns.push(await recordTurn(app, path, live[0]));
    }
  }
  for (const q of searches) {
    const path = `/api/sessions?limit=100&q=${encodeURIComponent(q)}`;
    answers[path] = await answerAt(app, path);
  }
  return { turns, answers };
}

const searches = [
  'lighthouse',
  '海边',
  '灯塔',
  'whale',
  'HARBOUR',
  '港口',
  'Line 699',
  'given name',
  'nowhere',
];

async function recordTurn(app: OldApp, path: string, { kind, readers }: PlayedTurn): Promise<OldTurn> {
  const events: Told[] = [];
  const groups = new Map<string, string[]>();
  let isOver = false;
  const ask = async (after?: string): Promise<{ rest: string; received: ReceivedEvent[] }> => {
    const stream = await follow(app, path, after);
    // What is stored of one that goes on is told at once, and by the next looks.
    await Promise.race([stream.ended, Bun.sleep(quietMs)]);
    isOver ||= stream.events.at(-1)?.event === 'done';
    return { rest: written(told(stream.events), events), received: [...stream.events] };
  };
  const all = await ask();
  const live = readers.flatMap((reader) => cursorsIn(reader.events));
  const known = new Set<string>([...live, ...cursorsIn(all.received)]);
  let next = [...known];
  while (next.length > 0) {
    const answered = await Promise.all(next.map(async (cursor) => ({ cursor, ...(await ask(cursor)) })));
    for (const { cursor, rest } of answered) groups.set(rest, [...(groups.get(rest) ?? []), cursor]);
    next = [...new Set(answered.flatMap(({ received }) => cursorsIn(received)))].filter(
      (one) => !known.has(one),
    );
    for (const cursor of next) known.add(cursor);
  }
  const after = Object.fromEntries(
    [...groups].map(([rest, cursors]) => [cursors.sort(byNumbers).join(' '), rest]),
  );
  return { kind, path, isOver, events, all: all.rest, after };
}

const quietMs = 1000;

/** Every cursor of who was told these events: their ids, and those of pieces that are cut anywhere. */
function cursorsIn(events: readonly ReceivedEvent[]): string[] {
  return events.flatMap((event) => {
    if (!isPiece(event)) return [event.id];
    const [attempt = 0, thought = 0, content = 0, whole = 0] = event.id.split('.').map(Number);
    const isThought = event.event === 'ThoughtStreamingChunkEvent';
    const cuts: string[] = [];
    for (let left = 0; left < event.data.content.length; left++) {
      const at = (isThought ? thought : content) - left;
      // Of a long text some will do.
      if (left > 0 && at > 200 && at % 2500 > 3) continue;
      cuts.push([attempt, isThought ? at : thought, isThought ? content : at, whole].join('.'));
    }
    return cuts;
  });
}

function byNumbers(a: string, b: string): number {
  const [one, two] = [a.split('.').map(Number), b.split('.').map(Number)];
  const at = one.findIndex((number, place) => number !== two[place]);
  return at < 0 ? 0 : (one[at] ?? 0) - (two[at] ?? 0);
}

// What a reader of a turn is told, and how turns.json writes it down.
import { eachEvent, type ReceivedEvent } from '../event-stream.ts';
import type { OldApp } from './open-old-app.ts';

/** An event without its cursor. */
export type Told = Pick<ReceivedEvent, 'event' | 'data'>;

export const isPiece = ({ event }: Told): boolean =>
  event === 'ThoughtStreamingChunkEvent' || event === 'ModelClientStreamingChunkEvent';

/** The events with pieces of a kind that follow each other as one: where a text is cut is free. */
export function told(events: readonly ReceivedEvent[]): Told[] {
  const all: Told[] = [];
  for (const { event, data } of events) {
    const last = all.at(-1);
    if (last?.event === event && isPiece(last) && last.data.source === data.source)
      all[all.length - 1] = { event, data: { ...data, content: last.data.content + data.content } };
    else all.push({ event, data });
  }
  return all;
}

/** A stream that is read as it comes. */
export type Followed = { events: ReceivedEvent[]; ended: Promise<void> };

/** The stream of a turn behind `after`; all of it, without one. */
export async function follow({ get }: OldApp, path: string, after?: string): Promise<Followed> {
  return followed(await get(path, { ...streamHeaders, ...(after ? { 'last-event-id': after } : {}) }));
}

export const streamHeaders = { accept: 'text/event-stream', 'x-request-id': 'old-turns' };

export function followed(response: Response): Followed {
  if (!response.ok) throw new Error(`${response.status} ${response.url}`);
  const events: ReceivedEvent[] = [];
  const read = async () => {
    for await (const event of eachEvent(response)) events.push(event);
  };
  return { events, ended: read() };
}

/** The JSON at a path. */
export async function answerAt({ get }: OldApp, path: string): Promise<unknown> {
  const response = await get(path, { 'x-request-id': 'old-turns' });
  if (!response.ok) throw new Error(`${response.status} ${path}`);
  return response.json();
}

/**
 * What is told, by the places of its events in `events`; `2:5` is the end of that piece, without its first 5 characters
 * (UTF-16). Adds events that are not there yet.
 */
export function written(all: readonly Told[], events: Told[]): string {
  return all
    .map((one) => {
      const place = events.findIndex((known) => isEndOf(one, known));
      if (place < 0) return events.push(one) - 1;
      const missing = isPiece(one) ? events[place]?.data.content.length - one.data.content.length : 0;
      return missing === 0 ? place : `${place}:${missing}`;
    })
    .join(' ');
}

function isEndOf(one: Told, known: Told): boolean {
  if (!isPiece(one) || one.event !== known.event) return Bun.deepEquals(one, known, true);
  return known.data.source === one.data.source && known.data.content.endsWith(one.data.content);
}

/** The same read again. */
export function read(text: string, events: readonly Told[]): Told[] {
  return text.split(' ').flatMap((one) => {
    const [place = 0, missing = 0] = one.split(':').map(Number);
    const known = one === '' ? undefined : events[place];
    if (!known || missing === 0) return known ?? [];
    return { ...known, data: { ...known.data, content: known.data.content.slice(missing) } };
  });
}

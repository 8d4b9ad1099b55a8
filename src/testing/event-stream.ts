// Reads a response of server-sent events as a client would.

// biome-ignore lint/suspicious/noExplicitAny: tests look into any event's data.
export type ReceivedEvent = { event: string; id: string; data: any };

/** All events of a finished or still running stream, to its end. */
export async function readEvents(response: Response): Promise<ReceivedEvent[]> {
  const events: ReceivedEvent[] = [];
  for await (const event of eachEvent(response)) events.push(event);
  return events;
}

/** Events one by one; leaving the loop closes the connection. */
export async function* eachEvent(response: Response): AsyncGenerator<ReceivedEvent> {
  if (!response.body) return;
  const decoder = new TextDecoder();
  let buffer = '';
  // Bun's streams can be iterated; the DOM's types of them do not say so.
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    buffer += decoder.decode(bytes, { stream: true });
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const frame = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      yield parseFrame(frame);
    }
  }
}

function parseFrame(frame: string): ReceivedEvent {
  const lines = frame.split('\n').filter((line) => !line.startsWith(':'));
  const fields = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  return { event: fields.event ?? '', id: fields.id ?? '', data: JSON.parse(fields.data ?? 'null') };
}

/** The streamed pieces of one kind, joined. */
export function joined(events: ReceivedEvent[], event: string): string {
  return events.flatMap((one) => (one.event === event ? [one.data.content] : [])).join('');
}

/** What a reader was told, with pieces that follow each other joined: how they are cut is nobody's promise. */
export function joinPieces(events: ReceivedEvent[]): Omit<ReceivedEvent, 'id'>[] {
  const told: Omit<ReceivedEvent, 'id'>[] = [];
  for (const { event, data } of events) {
    const last = told.at(-1);
    const goesOn = event.endsWith('ChunkEvent') && last?.event === event && last.data.source === data.source;
    if (goesOn) last.data = { ...data, content: last.data.content + data.content };
    else told.push({ event, data });
  }
  return told;
}

/** What a reader has who takes back what a restart says is void. */
export function withoutVoid(events: ReceivedEvent[]): ReceivedEvent[] {
  const kept: ReceivedEvent[] = [];
  for (const event of events) {
    if (event.event !== 'restart') kept.push(event);
    else {
      const from = kept.findIndex(
        (one) => one.event !== 'turn' && Number(one.id.split('.')[0]) >= event.data.step,
      );
      if (from >= 0) kept.splice(from);
    }
  }
  return kept;
}

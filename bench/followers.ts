// Readers of one turn that says nothing for now: what it costs a server to have them wait.
import { type Connection, connect, request } from './processes/connection.ts';

/** Begins a turn in a new session, follows it `count` times, and calls `use` when all of them have their first event. */
export async function withFollowers<T>(port: number, count: number, use: () => Promise<T>): Promise<T> {
  const url = `http://127.0.0.1:${port}/api/sessions`;
  const json = { 'content-type': 'application/json' };
  const created = await fetch(url, { method: 'POST', headers: json, body: '{}' });
  const { id } = (await created.json()) as { id: string };
  const open: Connection[] = [];
  try {
    let turn = '';
    const chat = request(port, `/api/sessions/${id}/chat`, { content: 'Say nothing.' }, 'text/event-stream');
    open.push(
      await untilFirstEvent(port, chat, (text) => (turn = /"turn_id":"([^"]+)"/.exec(text)?.[1] ?? '')),
    );
    const follow = request(port, `/api/sessions/${id}/turns/${turn}`, undefined, 'text/event-stream');
    for (let index = 0; index < count; index++) open.push(await untilFirstEvent(port, follow));
    const result = await use();
    await fetch(`${url}/${id}/turns/${turn}/cancel`, { method: 'POST' });
    return result;
  } finally {
    for (const connection of open) connection.end();
  }
}

function untilFirstEvent(
  port: number,
  bytes: string,
  onEvent: (text: string) => void = () => {},
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let text = '';
    let opened: Connection | undefined;
    const read = (more: Buffer) => {
      if (opened === undefined || text.includes('event: turn')) return;
      text += more.toString('latin1');
      if (!text.includes('event: turn')) return;
      onEvent(text);
      resolve(opened);
    };
    const closed = () => reject(new Error(`a follower was turned away: ${text.slice(0, 300)}`));
    connect(port, read, closed).then((connection) => {
      opened = connection;
      connection.write(bytes);
    }, reject);
  });
}

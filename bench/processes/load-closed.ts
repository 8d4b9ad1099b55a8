// Callers that ask, wait for the answer, check it, and ask again.
import { latencyOf } from '../stats.ts';
import { connect, request } from './connection.ts';
import { createHttpReader, type Message } from './http-reader.ts';
import { type ClosedJob, type ClosedResult, question, reply, sessionId, tagOf } from './protocol.ts';

/** What to send, and what the answer must hold. */
type Asked = { bytes: string; has: string };
/** When the first piece of the answer came, and the whole. */
type Answer = { message: Message; firstAt: number };

let asked = Math.floor(Math.random() * 36 ** 6);

/** Does the job, after a short time that does not count. */
export async function runClosed(job: ClosedJob): Promise<ClosedResult> {
  const latencies: number[] = [];
  const result = { answered: 0, wrong: 0, firstWrong: '' };
  const warmUpMs = Math.min(1000, job.seconds * 200);
  const began = performance.now() + warmUpMs;
  const ends = began + job.seconds * 1000;
  let from = ends;
  const goesOn = () => performance.now() < ends || latencies.length === 0;

  async function caller(index: number): Promise<void> {
    const { ask, end } = await openCaller(job.port, job.kind === 'first-piece');
    // A caller's sessions are its own, so that no two meet in one.
    const own = Math.max(1, Math.floor(job.sessions.count / job.callers));
    for (let turn = Math.floor(Math.random() * own); goesOn(); turn++) {
      const { bytes, has } = asking(job, (turn % own) * job.callers + index);
      const sent = performance.now();
      const { message, firstAt } = await ask(bytes);
      const now = performance.now();
      result.answered++;
      if (!message.head.startsWith('http/1.1 200') || !message.body.includes(has)) {
        result.wrong++;
        result.firstWrong ||= `${message.head.split('\r\n')[0]} ${message.body.toString('latin1', 0, 500)}`;
      }
      if (sent < began) continue;
      from = Math.min(from, sent);
      latencies.push((job.kind === 'first-piece' ? firstAt : now) - sent);
    }
    end();
  }

  await Promise.all(Array.from({ length: job.callers }, (_, index) => caller(index)));
  // Answers that take longer than the whole time count too: up to the last one.
  const perSecond = (latencies.length * 1000) / (performance.now() - from);
  return { perSecond, latency: latencyOf(latencies), ...result };
}

function asking(job: ClosedJob, n: number): Asked {
  const { set, headers = [] } = job.sessions;
  const path = job.path.replace(':session', sessionId(set, n));
  const header = headers[n % headers.length];
  if (job.kind === 'gets')
    return { bytes: request(job.port, path, undefined, undefined, header), has: job.has };
  const tag = tagOf(asked++);
  const content = question(tag);
  if (job.kind === 'first-piece' && job.direct) {
    const body = { model: 'bench', messages: [{ role: 'user', content }], stream: true };
    return { bytes: request(job.port, path, body), has: `: #${tag}` };
  }
  const accept = job.kind === 'turns' ? 'application/json' : 'text/event-stream';
  return { bytes: request(job.port, path, { content }, accept, header), has: `"${reply(tag)}"` };
}

/** A caller's connection; rejects what it waits for when the server closes it. */
async function openCaller(port: number, streamed: boolean) {
  let resolve: (answer: Answer) => void = () => {};
  let reject: (error: Error) => void = () => {};
  let firstAt = 0;
  const read = createHttpReader((message) => {
    const at = firstAt;
    firstAt = 0;
    resolve({ message, firstAt: at });
  });
  const isFirstPiece = (bytes: Buffer) =>
    bytes.includes('event: ModelClientStreamingChunkEvent') || bytes.includes('"delta":{"content":');
  const connection = await connect(
    port,
    (bytes) => {
      if (streamed && firstAt === 0 && isFirstPiece(bytes)) firstAt = performance.now();
      read(bytes);
    },
    () => reject(new Error('the server closed the connection')),
  );
  const ask = (bytes: string) =>
    new Promise<Answer>((done, fail) => {
      resolve = done;
      reject = fail;
      connection.write(bytes);
    });
  return { ask, end: connection.end };
}

// Many streams at once, each followed to its end; how late each piece is.
import { latencyOf } from '../stats.ts';
import { type Connection, connect, request } from './connection.ts';
import { question, type StreamsJob, type StreamsResult, sessionId, tagOf, wallMs } from './protocol.ts';

const lateMs = 100;
// Streams that begin in the same instant would measure the beginning: they come over this time.
const beginOverMs = 1000;

export async function runStreams(job: StreamsJob): Promise<StreamsResult> {
  const lags: number[] = [];
  const firsts: number[] = [];
  const faults: string[] = [];
  const run = async (index: number) => {
    await Bun.sleep((beginOverMs * index) / job.streams);
    const fault = await follow(job, index, lags, firsts);
    if (fault !== undefined) faults.push(fault);
  };
  await Promise.all(Array.from({ length: job.streams }, (_, index) => run(index)));
  return {
    pieces: lags.length,
    late: lags.filter((lag) => lag > lateMs).length,
    lag: latencyOf(lags),
    firstPiece: latencyOf(firsts),
    broken: faults.length,
    firstBroken: faults[0] ?? '',
  };
}

/** Follows one stream to its end; undefined, or what was wrong with it. */
async function follow(
  job: StreamsJob,
  index: number,
  lags: number[],
  firsts: number[],
): Promise<string | undefined> {
  let next = 0;
  let rest = '';
  let seen = '';
  const sentAt = performance.now();
  let connection: Connection | undefined;
  const fault = await new Promise<string | undefined>((resolve) => {
    const read = (bytes: Buffer) => {
      const now = wallMs();
      const text = rest + bytes.toString('latin1', 0, bytes.length);
      let begin = 0;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n', begin)) {
        const frame = text.slice(begin, end);
        begin = end + 2;
        seen ||= frame;
        if (isPiece(frame)) {
          // By hand: a regular expression would cost more than the rest.
          for (let at = frame.indexOf('@'); at >= 0; at = frame.indexOf('@', at + 1)) {
            const colon = frame.indexOf(':', at);
            const piece = Number(frame.slice(at + 1, colon));
            if (piece !== next) return resolve(`piece ${piece} came where ${next} was due`);
            if (next === 0) firsts.push(performance.now() - sentAt);
            next++;
            lags.push(now - Number(frame.slice(colon + 1, frame.indexOf(' ', colon))));
          }
        } else if (frame.includes('event: done') || frame.includes('data: [DONE]')) {
          return resolve(next === job.pieces ? undefined : `${next} of ${job.pieces} pieces came`);
        }
      }
      rest = text.slice(begin);
    };
    const closed = () => resolve(`closed after ${next} pieces: ${(seen || rest).slice(0, 300)}`);
    connect(job.port, read, closed).then((opened) => {
      connection = opened;
      opened.write(asking(job, index));
    }, closed);
  });
  connection?.end();
  return fault;
}

const isPiece = (frame: string): boolean =>
  frame.includes('event: ModelClientStreamingChunkEvent') || frame.includes('"delta":{"content":');

function asking({ port, path, sessions }: StreamsJob, index: number): string {
  const content = question(tagOf(index));
  if (path.includes(':session')) {
    const own = path.replace(':session', sessionId(sessions.set, index % sessions.count));
    return request(port, own, { content }, 'text/event-stream');
  }
  return request(port, path, { model: 'bench', messages: [{ role: 'user', content }], stream: true });
}

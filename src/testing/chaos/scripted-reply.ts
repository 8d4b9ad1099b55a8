// The messages clients send, and what the model says to each: a function of the message's tag, of the step, and of how
// often the model was asked for it. All three stand at the beginning of what it says.
import { createRandom, type Random } from './random.ts';

export type Piece = { kind: 'thought' | 'content'; text: string; waitMs: number };

/** What the model was asked for: a step (from 0) of the turn of the message with this tag, for the `ask`-th time. */
export type Asked = { tag: string; step: number; ask: number };

export const textOf = (tag: string): string => `[${tag}] 请回答 please 🙂`;

/** The tag in a message or in a reply; undefined where there is none. */
export const tagIn = (text: string): string | undefined => /\[([\w-]+)(?::\d+\.\d+)?\]/.exec(text)?.[1];

/** The tag of the last message in a text that may be several, joined. */
export const lastTagIn = (text: string): string | undefined => tagIn(text.slice(text.lastIndexOf('[')));

/** What the model was asked for in each of the steps that a text joins. */
export const askedIn = (text: string): Asked[] =>
  [...text.matchAll(/\[([\w-]+):(\d+)\.(\d+)\]/g)].map(([, tag = '', step, ask]) => ({
    tag,
    step: Number(step),
    ask: Number(ask),
  }));

/** The same of a stored step, which may be no more than a thought. */
export const askedBy = ({ thought, content }: { thought?: string | null | undefined; content: string }) =>
  askedIn(content)[0] ?? askedIn(thought ?? '')[0];

/** What the model says when it is asked for this, piece by piece. */
export function scriptedPieces({ tag, step, ask }: Asked): Piece[] {
  const random = createRandom(`reply to ${tag}, step ${step}`);
  const { count, wait } = pace(random);
  const thoughts = random.chance(0.4) ? random.int(1, Math.max(1, Math.floor(count / 3))) : 0;
  return Array.from({ length: count }, (_, index): Piece => {
    const kind = index < thoughts ? 'thought' : 'content';
    const opening = index === 0 || index === thoughts ? `[${tag}:${step}.${ask}] ` : '';
    return { kind, text: `${opening}${index}${random.pick(words)}`, waitMs: wait() };
  });
}

const words = [' one,', ' 二。', ' three\n', ' 🙂🙃', '四', ' five\t', '\n\n六 ', ' ("7" \\ )'];

function pace(random: Random): { count: number; wait: () => number } {
  const kind = random.float();
  if (kind < 0.15) return { count: random.int(5, 10), wait: () => 0 };
  if (kind < 0.25) return { count: 60, wait: () => random.int(40, 60) };
  return { count: random.int(5, 60), wait: () => random.int(0, 40) };
}

/** The whole step, as it must be stored when nothing stopped it. */
export function scriptedReply(asked: Asked): { thought: string; content: string } {
  const pieces = scriptedPieces(asked);
  const join = (kind: Piece['kind']) =>
    pieces.map((piece) => (piece.kind === kind ? piece.text : '')).join('');
  return { thought: join('thought'), content: join('content') };
}

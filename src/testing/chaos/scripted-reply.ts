// The messages clients send, and what the model says to each: a function of the message's text alone.
import { createRandom, type Random } from './random.ts';

export type Piece = { kind: 'thought' | 'content'; text: string; waitMs: number };

export const textOf = (tag: string): string => `[${tag}] 请回答 please 🙂`;

/** The tag in a message or in a reply; undefined where there is none. */
export const tagIn = (text: string): string | undefined => /\[([\w-]+)\]/.exec(text)?.[1];

/** The tag of the last message in a text that may be several, joined. */
export const lastTagIn = (text: string): string | undefined => tagIn(text.slice(text.lastIndexOf('[')));

/** What the model says to the message with this tag, piece by piece. */
export function scriptedPieces(tag: string): Piece[] {
  const random = createRandom(`reply to ${tag}`);
  const { count, wait } = pace(random);
  const thoughts = random.chance(0.4) ? random.int(1, Math.max(1, Math.floor(count / 3))) : 0;
  return Array.from({ length: count }, (_, index): Piece => {
    const kind = index < thoughts ? 'thought' : 'content';
    const opening = index === 0 || index === thoughts ? `[${tag}] ` : '';
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

/** The whole reply, as it must be stored when nothing stopped it. */
export function scriptedReply(tag: string): { thought: string; content: string } {
  const pieces = scriptedPieces(tag);
  const join = (kind: Piece['kind']) =>
    pieces.map((piece) => (piece.kind === kind ? piece.text : '')).join('');
  return { thought: join('thought'), content: join('content') };
}

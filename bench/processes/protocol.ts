// What the processes of a benchmark say to each other, and the texts by which each answer is checked.

/** Every question carries a tag of this length after a `#`; the model's reply repeats it. */
export const tagLength = 12;
export const tagOf = (count: number): string => count.toString(36).padStart(tagLength, '0');
export const question = (tag: string): string => `#${tag} What does a turn cost, and where does it go?`;

/** The reply of the model that answers at once, in pieces as a model would send it. */
export const replyPieces = (tag: string): string[] => [
  'Re',
  `: #${tag}`,
  ' It costs',
  ' two',
  ' writes',
  ' and',
  ' one',
  ' answer.',
];
export const reply = (tag: string): string => replyPieces(tag).join('');

/** A piece of the model with a pace: which one, and when it was sent (milliseconds of the clock on the wall). */
export const pacedPiece = (index: number, at: number): string => `@${index}:${at.toFixed(1)} `;

/** Milliseconds of the clock on the wall, with fractions: to compare between processes. */
export const wallMs = (): number => performance.timeOrigin + performance.now();

/** The id of session `n` of set `set`: both sides can make it without asking. */
export const sessionId = (set: number, n: number): string =>
  `${String(set).padStart(8, '0')}-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** The same as SQL, of two expressions that are whole numbers. */
export const sessionIdSql = (set: string, n: string): string =>
  `(lpad((${set})::text, 8, '0') || '-0000-7000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;

/**
 * Sessions that requests go to: those of a set, the first `count` of them. Whoever asks says who that is by `headers`: in
 * session `n` by the one at `n` modulo their number.
 */
export type Sessions = { set: number; count: number; headers?: string[] | undefined };

/**
 * Callers that each ask again as soon as they have their answer. `path` may hold `:session`. `turns` wait for the
 * whole reply; of `first-piece`, which are streamed, the latency is that of the first piece (`direct`: `path` is the
 * model server's); `gets` read, and must find `has` in what they get.
 */
export type ClosedJob = {
  port: number;
  path: string;
  sessions: Sessions;
  callers: number;
  seconds: number;
} & ({ kind: 'turns' } | { kind: 'gets'; has: string } | { kind: 'first-piece'; direct: boolean });

/** So many streams at once, each followed to its end. */
export type StreamsJob = {
  kind: 'streams';
  port: number;
  path: string;
  sessions: Sessions;
  streams: number;
  pieces: number;
};

export type Latency = { p50: number; p95: number; p99: number; max: number };

/** `perSecond` and `latency` are of what was asked after the warm-up; `answered` and `wrong` of all. Milliseconds. */
export type ClosedResult = {
  perSecond: number;
  latency: Latency;
  answered: number;
  wrong: number;
  firstWrong: string;
};

/** `late`: pieces over 100 ms after they were sent. `broken`: streams that were not whole and in order. */
export type StreamsResult = {
  pieces: number;
  late: number;
  lag: Latency;
  firstPiece: Latency;
  broken: number;
  firstBroken: string;
};

// A turn as an append-only log of events, kept while it runs here or is looked at.
import type { Piece } from '../../db/turns/turn-events.ts';
import type { CallProgress } from '../../words/steps.ts';
import { Failure, type FailureCode, type FailureDetails } from '../failure.ts';
import type { TextMessage } from '../messages.ts';
import {
  type Cursor,
  cursorAfter,
  ofNothing,
  placed,
  start,
  type TurnEvent,
  unseen,
  withCursor,
} from './cursor.ts';
import { GrowingText } from './growing-text.ts';
import {
  isPiece,
  isReply,
  type PieceBody,
  pieceOf,
  type TextEvent,
  type ToolProgressEvent,
  type TurnEventBody,
} from './turn-event.ts';

/** How a turn ended: the reply, or why there is none; 'elsewhere': it goes on, but not in this log. */
export type Outcome = TextMessage | Failure | 'elsewhere';

const endedWith = (end: { code: FailureCode; details?: FailureDetails; turn_id: string }): Failure =>
  new Failure(end.code, end.details, { turn: end.turn_id });

/** What a log keeps: an event, or pieces of a kind that follow each other. */
type Entry = Exclude<TurnEventBody, PieceBody> | Pieces | typeof outdated;
type Pieces = { event: TextEvent; source: string; text: GrowingText };

/** In the place of a call's progress that newer progress of the same call followed. */
const outdated = { event: 'outdated' } as const;

/** Of a long log; what one reader holds of it besides stays small. */
const mostAtOnce = 256;

/**
 * A reader's place in a log. `next` gives the next events, as many at once as one reader may hold, and none when there
 * are no more yet; `end` leaves.
 */
export type LogReading = { next(): TurnEvent[]; end(): void };

/** The same for a reader that wants only the texts of pieces, those of a kind that follow each other as one. */
export type PieceReading = { next(): Piece[]; end(): void };

/** Where in a log a reader is: before this entry, or in it, so many characters (UTF-16) behind its beginning. */
type ReaderPlace = { entry: number; taken: number };

/**
 * The log of a turn's attempt in this process, with all steps that were settled before. Readers come and go, early or
 * late; each sees every event once.
 *
 * @example
 * const log = new EventLog(1);
 * log.append({ event: 'turn', data });
 * const reading = log.read(undefined, () => show(reading.next()));
 * log.append(contentPiece('assistant', 'Hello'));
 */
export class EventLog {
  readonly #entries: Entry[] = [];
  /** The pieces that the next one may belong to. */
  #pieces: Pieces | undefined;
  /** The newest progress of each call of the open step, and where its entry is. */
  readonly #progress = new Map<string, { entry: number; at: ToolProgressEvent }>();
  /** Where the entries of the open step begin. */
  #stepFrom = 0;
  /** Which of its attempts the turn is in. */
  readonly attempt: number;
  /** To be called when there is more, or no more to come. */
  readonly #readers = new Set<() => void>();
  /** Resolves with the log's end. */
  readonly outcome: Promise<Outcome>;
  #resolve: (outcome: Outcome) => void = () => {};
  #cursor: Cursor;
  #found: TextMessage | Failure | undefined;
  #ended: Outcome | undefined;

  constructor(attempt: number) {
    this.attempt = attempt;
    this.#cursor = start(attempt);
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** The step that is open, from 0. */
  get step(): number {
    return this.#cursor.step;
  }

  /** How it ended, or undefined while it goes on. */
  get ended(): Outcome | undefined {
    return this.#ended;
  }

  append(body: TurnEventBody): void {
    if (this.#ended || (body.event === 'ToolProgressEvent' && !this.#goesFurther(body.data))) return;
    this.#cursor = cursorAfter(body, this.#cursor);
    if (isPiece(body)) this.#appendPiece(body);
    else {
      this.#entries.push(body);
      this.#pieces = undefined;
    }
    if (body.event === 'step') {
      this.#stepFrom = this.#entries.length;
      this.#progress.clear();
      // What was said before is not the reply.
      this.#found = undefined;
    }
    if (isReply(body)) this.#found = body.data;
    if (body.event === 'error') this.#found ??= endedWith(body.data);
    if (body.event === 'done') this.#end(this.#found ?? endedWith({ ...body.data, code: 'cancelled' }));
    this.#wake();
  }

  #appendPiece({ event, data }: PieceBody): void {
    if (data.content === '') return;
    if (this.#pieces?.event !== event || this.#pieces.source !== data.source) {
      this.#pieces = { event, source: data.source, text: new GrowingText() };
      this.#entries.push(this.#pieces);
    }
    this.#pieces.text.push(data.content);
  }

  /** Whether this is news of its call; what was known of that is outdated then. */
  #goesFurther(at: ToolProgressEvent): boolean {
    const known = this.#progress.get(at.id);
    const isSame = known?.at.progress === at.progress && known.at.total === at.total;
    if (known && isSame && known.at.message === at.message) return false;
    if (known) this.#entries[known.entry] = outdated;
    this.#progress.set(at.id, { entry: this.#entries.length, at });
    return true;
  }

  /** How far the calls of the open step are, of those that tell. */
  get progress(): CallProgress[] {
    return [...this.#progress.values()].map(({ at: { source: _, type: __, ...progress } }) => progress);
  }

  /** All pieces of the open step's text. */
  get content(): string {
    return this.#text('ModelClientStreamingChunkEvent');
  }

  get thought(): string {
    return this.#text('ThoughtStreamingChunkEvent');
  }

  #text(event: TextEvent): string {
    return this.#entries
      .slice(this.#stepFrom)
      .map((entry) => ('text' in entry && entry.event === event ? entry.text : ''))
      .join('');
  }

  /** Who says the open step; undefined while it says nothing. */
  get source(): string | undefined {
    return this.#entries.slice(this.#stepFrom).find((entry) => 'text' in entry)?.source;
  }

  /** Appends what of all the turn's events is not in here yet. */
  appendRest(bodies: Iterable<TurnEventBody>): void {
    const seen = this.#entries.length > 0 ? this.#cursor : undefined;
    for (const event of placed(bodies, this.attempt)) {
      const opens = event.event === 'step' && (!seen || event.cursor.step > seen.step);
      const left = opens ? event : unseen(event, seen);
      if (left) this.append(left);
    }
  }

  /** Ends it without `done`: the turn goes on elsewhere, or, for readers here, ends with `why`. */
  leave(why?: Failure): void {
    this.#end(why ?? 'elsewhere');
    this.#wake();
  }

  #end(outcome: Outcome): void {
    this.#ended ??= outcome;
    this.#resolve(outcome);
  }

  #wake(): void {
    for (const wake of this.#readers) wake();
  }

  /** Begins to read the events after `seen`; `wake` is called when there are more, and when there will be none. */
  read(seen: Cursor | undefined, wake: () => void): LogReading {
    const next = this.#reading(seen);
    this.#readers.add(wake);
    return { next, end: () => this.#readers.delete(wake) };
  }

  /** Begins to read what the open step streams, for who stores it: `next` gives what came since it was last called. */
  readPieces(wake: () => void): PieceReading {
    const place: ReaderPlace = { entry: this.#stepFrom, taken: 0 };
    this.#readers.add(wake);
    return {
      next: () => {
        const pieces: Piece[] = [];
        for (let entry = this.#entryAt(place); entry; entry = this.#entryAt(place)) {
          if ('text' in entry) {
            const content = entry.text.after(place.taken).join('');
            pieces.push({ event: entry.event, source: entry.source, content });
            place.taken += content.length;
          } else {
            place.entry++;
            if (entry.event !== 'ToolProgressEvent') continue;
            const { source, type, ...progress } = entry.data;
            pieces.push({ event: type, source, content: JSON.stringify(progress) });
          }
        }
        return pieces;
      },
      end: () => this.#readers.delete(wake),
    };
  }

  /** Gives the next events each time that it is called, none when there are no more yet. */
  #reading(seen: Cursor | undefined): () => TurnEvent[] {
    const place: ReaderPlace = { entry: 0, taken: 0 };
    let cursor = start(this.attempt);

    /** The event, or what of it was not seen. */
    function left(body: TurnEventBody): TurnEvent | undefined {
      const event = withCursor(body, cursor);
      cursor = event.cursor;
      return unseen(event, seen);
    }

    const next = (): TurnEvent[] => {
      const events: TurnEvent[] = [];
      while (events.length < mostAtOnce) {
        const entry = this.#entryAt(place);
        if (!entry) break;
        if ('text' in entry) {
          for (const content of entry.text.after(place.taken, mostAtOnce - events.length)) {
            place.taken += content.length;
            const event = left(pieceOf(entry, content));
            if (event) events.push(event);
          }
        } else {
          place.entry++;
          if (entry.event === 'outdated') continue;
          const event = left(entry);
          if (event) events.push(event);
        }
      }
      if (events.length > 0 || !this.#isBefore(seen)) return events;
      // What the reader had is of a turn that went further than this one, which a restored database tells: all is void.
      seen = ofNothing;
      cursor = start(this.attempt);
      Object.assign(place, { entry: 0, taken: 0 });
      return next();
    };
    return next;
  }

  /** Whether it has ended in a step before the one that the reader has some of. */
  #isBefore(seen: Cursor | undefined): boolean {
    return (
      seen !== undefined && this.#ended !== undefined && this.#ended !== 'elsewhere' && seen.step > this.step
    );
  }

  /** The entry at `place`, if there is more to read. Pieces that were read are left behind once another follows. */
  #entryAt(place: ReaderPlace): Entry | undefined {
    const entry = this.#entries[place.entry];
    if (!entry || !('text' in entry) || place.taken < entry.text.length) return entry;
    if (entry === this.#pieces) return undefined;
    place.entry++;
    place.taken = 0;
    return this.#entries[place.entry];
  }
}

// A turn as an append-only log of events, kept while it runs here or is looked at.
import type { PieceEvent } from '../db/turns/turn-events.ts';
import { type Cursor, cursorAfter, replay, start, type TurnEvent, unseen, withCursor } from './cursor.ts';
import { Failure, type FailureCode, type FailureDetails } from './failure.ts';
import { GrowingText } from './growing-text.ts';
import type { TextMessage } from './messages.ts';
import { contentChunk, isPiece, type PieceBody, type TurnEventBody, thoughtChunk } from './turn-event.ts';

/** How a turn ended: the reply, or why there is none; 'elsewhere': it goes on, but not in this log. */
export type Outcome = TextMessage | Failure | 'elsewhere';

const endedWith = (end: { code: FailureCode; details?: FailureDetails; turn_id: string }): Failure =>
  new Failure(end.code, end.details, { turn: end.turn_id });

/** What a log keeps: an event, or pieces of a kind that follow each other. */
type Entry = Exclude<TurnEventBody, PieceBody> | Pieces;
type Pieces = { event: PieceEvent; source: string; text: GrowingText };

/** Of a long log; what one reader holds of it besides stays small. */
const mostAtOnce = 256;

/**
 * A reader's place in a log. `next` gives the next events, as many at once as one reader may hold, and none when there
 * are no more yet; `end` leaves.
 */
export type LogReading = { next(): TurnEvent[]; end(): void };

/** The same for a reader that wants only the texts of pieces, those of a kind that follow each other as one. */
export type PieceReading = { next(): { event: PieceEvent; content: string }[]; end(): void };

/** Where in a log a reader is: before this entry, or in it, so many characters (UTF-16) behind its beginning. */
type Place = { entry: number; taken: number };

/** The log of a turn's attempt in this process. Readers come and go, early or late; each sees every event once. */
export class EventLog {
  readonly #entries: Entry[] = [];
  /** The pieces that the next one may belong to. */
  #pieces: Pieces | undefined;
  /** To be called when there is more, or no more to come. */
  readonly #readers = new Set<() => void>();
  /** Resolves with the log's end. */
  readonly outcome: Promise<Outcome>;
  #settle: (outcome: Outcome) => void = () => {};
  #cursor: Cursor;
  #found: TextMessage | Failure | undefined;
  #ended: Outcome | undefined;

  constructor(attempt: number) {
    this.#cursor = start(attempt);
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get attempt(): number {
    return this.#cursor.attempt;
  }

  /** How it ended, or undefined while it goes on. */
  get ended(): Outcome | undefined {
    return this.#ended;
  }

  append(body: TurnEventBody): void {
    if (this.#ended) return;
    this.#cursor = cursorAfter(body, this.#cursor);
    if (isPiece(body)) this.#appendPiece(body);
    else {
      this.#entries.push(body);
      this.#pieces = undefined;
    }
    if (body.event === 'TextMessage') this.#found = body.data;
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

  /** All pieces of the reply's text. */
  get content(): string {
    return this.#text('ModelClientStreamingChunkEvent');
  }

  get thought(): string {
    return this.#text('ThoughtStreamingChunkEvent');
  }

  #text(event: PieceEvent): string {
    return this.#entries
      .map((entry) => ('text' in entry && entry.event === event ? entry.text : ''))
      .join('');
  }

  /** Appends what of the whole attempt's events is not in here yet. */
  appendRest(bodies: Iterable<TurnEventBody>): void {
    for (const event of [...replay(bodies, this.attempt, this.#cursor)]) this.append(event);
  }

  /** Ends it without `done`: the turn goes on elsewhere, or, for readers here, ends with `why`. */
  leave(why?: Failure): void {
    this.#end(why ?? 'elsewhere');
    this.#wake();
  }

  #end(outcome: Outcome): void {
    this.#ended ??= outcome;
    this.#settle(outcome);
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

  /** Begins to read what is streamed, for who stores it: `next` gives what came since it was last called. */
  readPieces(wake: () => void): PieceReading {
    const place: Place = { entry: 0, taken: 0 };
    this.#readers.add(wake);
    return {
      next: () => {
        const pieces: { event: PieceEvent; content: string }[] = [];
        for (let entry = this.#entryAt(place); entry; entry = this.#entryAt(place)) {
          if ('text' in entry) {
            const content = entry.text.after(place.taken).join('');
            pieces.push({ event: entry.event, content });
            place.taken += content.length;
          } else place.entry++;
        }
        return pieces;
      },
      end: () => this.#readers.delete(wake),
    };
  }

  /** Gives the next events each time that it is called, none when there are no more yet. */
  #reading(seen: Cursor | undefined): () => TurnEvent[] {
    const place: Place = { entry: 0, taken: 0 };
    let cursor = start(this.attempt);

    /** The event, or what of it was not seen. */
    function placed(body: TurnEventBody): TurnEvent | undefined {
      const event = withCursor(body, cursor);
      cursor = event.cursor;
      return seen ? unseen(event, seen) : event;
    }

    return () => {
      const events: TurnEvent[] = [];
      while (events.length < mostAtOnce) {
        const entry = this.#entryAt(place);
        if (!entry) break;
        if ('text' in entry) {
          for (const content of entry.text.after(place.taken, mostAtOnce - events.length)) {
            place.taken += content.length;
            const event = placed(piece(entry, content));
            if (event) events.push(event);
          }
        } else {
          place.entry++;
          const event = placed(entry);
          if (event) events.push(event);
        }
      }
      return events;
    };
  }

  /** The entry at `place`, if there is more to read. Pieces that were read are left behind once another follows. */
  #entryAt(place: Place): Entry | undefined {
    const entry = this.#entries[place.entry];
    if (!entry || !('text' in entry) || place.taken < entry.text.length) return entry;
    if (entry === this.#pieces) return undefined;
    place.entry++;
    place.taken = 0;
    return this.#entries[place.entry];
  }
}

const piece = ({ event, source }: Pieces, content: string): PieceBody =>
  (event === 'ThoughtStreamingChunkEvent' ? thoughtChunk : contentChunk)(source, content);

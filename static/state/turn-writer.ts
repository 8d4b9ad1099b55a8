// Takes a turn's events into the places of its steps, one below the other: what is settled stays, whoever tells it again.
import type { Problem } from '../api/problem.ts';
import type { TurnEvent } from '../api/turn-events.ts';
import type { TurnStatus } from '../api/wire.ts';
import type { ReplyItem } from './items.ts';
import { clearReply, endReply, replyWriter, type StepEvent } from './reply.ts';

/** Where the steps of one turn are shown, in their order. */
export type StepPlaces = {
  all: () => readonly ReplyItem[];
  /** A place for one more. */
  add: () => ReplyItem;
  /** Takes away those behind the first so many. */
  keep: (count: number) => void;
};

export type TurnWriter = {
  /** Where what comes next is shown. */
  open: () => ReplyItem;
  write: (event: Told) => void;
  /** The turn is over; `problem` is why, where it failed. The place of what it said last. */
  end: (status: TurnStatus | 'unknown', problem: Problem) => ReplyItem;
  leave: () => void;
};

type Told = StepEvent | Extract<TurnEvent, { kind: 'begun' | 'restart' }>;

/** A turn whose last step is told ends in the same breath; one that does not goes on with the next. */
const breathMs = 250;

/** `step`: how many steps stand before what is told first. `now` is null where time tells nothing. */
export function turnWriter(places: StepPlaces, step: number, now: (() => number) | null): TurnWriter {
  let opened: { item: ReplyItem; write: (event: StepEvent) => void } | null = null;
  let next: ReturnType<typeof setTimeout> | undefined;

  function place() {
    if (opened) return opened;
    const item = places.all()[step] ?? places.add();
    opened = { item, write: replyWriter(item.reply, now) };
    return opened;
  }

  /** Of a round, the calls are a step and their results are one. */
  const toolSteps = () =>
    places
      .all()
      .flatMap(({ reply }) => reply.rounds.value)
      .reduce((sum, { calls }) => sum + (calls.some(({ result }) => result !== null) ? 2 : 1), 0);

  function goTo(to: number): void {
    step = to;
    opened = null;
  }

  return {
    open: () => place().item,
    write(event) {
      clearTimeout(next);
      switch (event.kind) {
        case 'begun':
          for (const { reply } of places.all()) if (!reply.message.value) reply.rounds.value = [];
          return goTo(0);
        case 'restart': {
          // Calls and their results are steps of the server's, and no places of their own here.
          const settled = places.all().filter(({ reply }) => reply.message.value !== null).length;
          const shown = Math.min(settled, Math.max(0, event.step - 1 - toolSteps()));
          goTo(shown);
          places.keep(shown + 1);
          const { reply } = place().item;
          clearReply(reply);
          reply.trouble.value = 'restarted';
          return;
        }
        case 'reply': {
          const known = places.all().findIndex(({ reply }) => reply.message.value?.id === event.message.id);
          if (known >= 0 && known !== step) goTo(known);
          place().write(event);
          goTo(step + 1);
          next = setTimeout(place, breathMs);
          return;
        }
        default:
          return place().write(event);
      }
    },
    end(status, problem) {
      clearTimeout(next);
      const said = places.all()[step - 1];
      const isReply =
        status === 'completed' || (status === 'cancelled' && said?.reply.message.value?.cancelled);
      if (said && isReply) {
        places.keep(step);
        return said;
      }
      const { item } = place();
      if (status === 'cancelled') clearReply(item.reply);
      endReply(item.reply);
      if (status === 'cancelled') item.reply.outcome.value = 'cancelled';
      if (status === 'failed') item.reply.outcome.value = problem;
      return item;
    },
    leave: () => clearTimeout(next),
  };
}

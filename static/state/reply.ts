// A reply, while it is written and once it is stored.
import { type Signal, signal } from '@preact/signals';
import type { Problem } from '../api/problem.ts';
import type { TurnEvent } from '../api/turn-events.ts';
import type { Message } from '../api/wire.ts';
import { createTextFeed, type TextFeed } from './text-feed.ts';

export type Phase = 'waiting' | 'thinking' | 'tool' | 'writing' | 'ended';
export type Trouble = 'lost' | 'restarted' | 'unsent' | null;

export type Reply = {
  /** The stored message, once there is one. */
  message: Signal<Message | null>;
  /** What its turn has settled so far, while it is followed: nothing takes that back but a restart from before it. */
  steps: Signal<readonly Message[]>;
  phase: Signal<Phase>;
  tools: Signal<string>;
  /** What gets in the way while it is written. */
  trouble: Signal<Trouble>;
  /** Why there is none, once that is certain; `missing`: nobody knows. */
  outcome: Signal<'cancelled' | 'missing' | Problem | null>;
  thought: TextFeed;
  hasThought: Signal<boolean>;
  /** Milliseconds, where they are known. */
  thoughtMs: Signal<number | null>;
  text: TextFeed;
  hasText: Signal<boolean>;
};

/** A stored reply, or one that is yet to come. */
export function createReply(message: Message | null): Reply {
  return {
    message: signal(message),
    steps: signal<readonly Message[]>([]),
    phase: signal<Phase>(message ? 'ended' : 'waiting'),
    tools: signal(''),
    trouble: signal<Trouble>(null),
    outcome: signal<Reply['outcome']['value']>(null),
    thought: createTextFeed(message?.thought ?? '', message !== null),
    hasThought: signal((message?.thought ?? '') !== ''),
    thoughtMs: signal(message?.thoughtMs ?? null),
    text: createTextFeed(message?.content ?? '', message !== null),
    hasText: signal((message?.content ?? '') !== ''),
  };
}

/** Forgets what was streamed since this step, which is 1 for all of it: the turn begins again there. */
export function clearReply(reply: Reply, step = 1): void {
  const { steps } = reply;
  if (steps.value.length >= step) {
    steps.value = steps.value.slice(0, step - 1);
    reply.message.value = steps.value.at(-1) ?? null;
  }
  const { thought, content } = joined(steps.value);
  reply.thought.set(thought);
  reply.text.set(content);
  reply.hasThought.value = thought !== '';
  reply.hasText.value = content !== '';
  reply.thoughtMs.value = null;
  reply.outcome.value = null;
  reply.trouble.value = null;
  reply.phase.value = 'waiting';
}

/** No more pieces will come. */
export function endReply(reply: Reply): void {
  reply.thought.end();
  reply.text.end();
  reply.trouble.value = null;
  reply.phase.value = 'ended';
}

/** What takes a turn's events into a reply; `now` is in milliseconds, and null where time tells nothing. */
export function replyWriter(reply: Reply, now: (() => number) | null): (event: TurnEvent) => void {
  let thoughtBegan: number | null = null;
  /** Steps are settled, and the next has not said anything yet. */
  let isBetween = reply.steps.value.length > 0;

  function endThought() {
    if (now && thoughtBegan !== null && reply.thoughtMs.value === null)
      reply.thoughtMs.value = now() - thoughtBegan;
  }

  /** What comes now is the next step's, and stands below what the ones before it said. */
  function beginStep() {
    if (!isBetween) return;
    isBetween = false;
    const { thought, content } = joined(reply.steps.value);
    thoughtBegan = null;
    reply.thoughtMs.value = null;
    reply.thought.set(thought && `${thought}${gap}`);
    reply.text.set(content && `${content}${gap}`);
    reply.phase.value = 'waiting';
  }

  return (event) => {
    switch (event.kind) {
      case 'thought':
        beginStep();
        thoughtBegan ??= now?.() ?? null;
        if (reply.phase.value !== 'writing') reply.phase.value = 'thinking';
        reply.hasThought.value = true;
        reply.trouble.value = null;
        return reply.thought.push(event.text);
      case 'text':
        beginStep();
        if (reply.phase.value !== 'writing') endThought();
        reply.phase.value = 'writing';
        reply.hasText.value = true;
        reply.trouble.value = null;
        return reply.text.push(event.text);
      case 'tool':
        endThought();
        reply.phase.value = 'tool';
        reply.tools.value = event.names;
        return;
      case 'tool-done':
        reply.phase.value = 'waiting';
        return;
      case 'restart':
        thoughtBegan = null;
        clearReply(reply, event.step);
        isBetween = reply.steps.value.length > 0;
        reply.trouble.value = 'restarted';
        return;
      case 'reply':
        endThought();
        reply.steps.value = [...reply.steps.value.filter(({ id }) => id !== event.message.id), event.message];
        isBetween = true;
        return settle(reply, event.message, joined(reply.steps.value));
    }
  };
}

/** A stored message in place of its pieces; where they are the same nothing is drawn anew. */
export function settleReply(reply: Reply, message: Message): void {
  reply.steps.value = [];
  settle(reply, message, message);
}

type Said = Pick<Message, 'thought' | 'content'>;

const gap = '\n\n';

/** What steps have said, one below the other. */
const joined = (steps: readonly Said[]): Said => ({
  thought: steps.flatMap(({ thought }) => thought || []).join(gap),
  content: steps.flatMap(({ content }) => content || []).join(gap),
});

function settle(reply: Reply, message: Message, { thought, content }: Said): void {
  if (thought !== reply.thought.text()) reply.thought.set(thought);
  if (content !== reply.text.text()) reply.text.set(content);
  reply.hasThought.value = thought !== '';
  reply.hasText.value = content !== '';
  reply.thoughtMs.value = message.thoughtMs ?? reply.thoughtMs.value;
  reply.outcome.value = null;
  endReply(reply);
  reply.message.value = message;
}

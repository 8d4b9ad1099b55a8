// One step of a reply, which most have only one of: while it is written, and once it is stored.
import { batch, type Signal, signal } from '@preact/signals';
import { type Approval, type Round, withApproval, withProgress, withResults } from '../api/calls-wire.ts';
import type { Problem } from '../api/problem.ts';
import type { TurnEvent } from '../api/turn-events.ts';
import type { Message } from '../api/wire.ts';
import { createTextFeed, type TextFeed } from './text-feed.ts';

export type Phase = 'waiting' | 'thinking' | 'tool' | 'writing' | 'ended';
export type Trouble = 'lost' | 'restarted' | 'unsent' | null;

export type Reply = {
  /** The stored message, once there is one. */
  message: Signal<Message | null>;
  /** Who says it, by name; an empty text until that is known. */
  source: Signal<string>;
  phase: Signal<Phase>;
  /** What was done for it, in order: calls of tools, and what was thought and said beside them. */
  rounds: Signal<readonly Round[]>;
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
    source: signal(message?.source ?? ''),
    phase: signal<Phase>(message ? 'ended' : 'waiting'),
    rounds: signal<readonly Round[]>(message?.rounds ?? []),
    trouble: signal<Trouble>(null),
    outcome: signal<Reply['outcome']['value']>(null),
    thought: createTextFeed(message?.thought ?? '', message !== null),
    hasThought: signal((message?.thought ?? '') !== ''),
    thoughtMs: signal(message?.thoughtMs ?? null),
    text: createTextFeed(message?.content ?? '', message !== null),
    hasText: signal((message?.content ?? '') !== ''),
  };
}

/** Forgets what it said: it begins again. */
export function clearReply(reply: Reply): void {
  reply.thought.set('');
  reply.text.set('');
  reply.hasThought.value = false;
  reply.hasText.value = false;
  reply.thoughtMs.value = null;
  reply.message.value = null;
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

/** What is told of one step. */
export type StepEvent =
  | Extract<TurnEvent, { kind: 'thought' | 'text' | 'tool' | 'tool-done' | 'progress' | 'reply' }>
  | { kind: 'asked'; callId: string; approval: Approval };

/** What takes a step's events into its reply; `now` is in milliseconds, and null where time tells nothing. */
export function replyWriter(reply: Reply, now: (() => number) | null): (event: StepEvent) => void {
  let thoughtBegan: number | null = null;

  function endThought() {
    if (now && thoughtBegan !== null && reply.thoughtMs.value === null)
      reply.thoughtMs.value = now() - thoughtBegan;
  }

  return (event) => {
    if (event.kind === 'reply') {
      endThought();
      return settleReply(reply, event.message);
    }
    // It is told once more of what is stored.
    if (reply.message.value) return;
    if (reply.phase.value === 'ended') clearReply(reply);
    switch (event.kind) {
      case 'thought':
        thoughtBegan ??= now?.() ?? null;
        if (reply.phase.value !== 'writing') reply.phase.value = 'thinking';
        reply.source.value = event.source;
        reply.hasThought.value = true;
        reply.trouble.value = null;
        return reply.thought.push(event.text);
      case 'text':
        if (reply.phase.value !== 'writing') endThought();
        reply.phase.value = 'writing';
        reply.source.value = event.source;
        reply.hasText.value = true;
        reply.trouble.value = null;
        return reply.text.push(event.text);
      case 'tool':
        // What was thought and said beside the calls stands with them from now on.
        batch(() => {
          clearReply(reply);
          reply.phase.value = 'tool';
          const others = reply.rounds.value.filter(({ key }) => key !== event.round.key);
          reply.rounds.value = [...others, event.round];
        });
        thoughtBegan = null;
        return;
      case 'asked':
        reply.rounds.value = withApproval(reply.rounds.value, event.callId, event.approval);
        return;
      case 'progress':
        reply.rounds.value = withProgress(reply.rounds.value, event.callId, event.progress);
        return;
      case 'tool-done':
        reply.rounds.value = withResults(reply.rounds.value, event);
        reply.phase.value = 'waiting';
        return;
    }
  };
}

/** A stored message in place of its pieces; where they are the same nothing is drawn anew. */
export function settleReply(reply: Reply, message: Message): void {
  if (message.thought !== reply.thought.text()) reply.thought.set(message.thought);
  if (message.content !== reply.text.text()) reply.text.set(message.content);
  if (message.rounds.length > reply.rounds.value.length) reply.rounds.value = message.rounds;
  reply.hasThought.value = message.thought !== '';
  reply.hasText.value = message.content !== '';
  reply.thoughtMs.value = message.thoughtMs ?? reply.thoughtMs.value;
  reply.source.value = message.source;
  reply.outcome.value = null;
  endReply(reply);
  reply.message.value = message;
}

// Turns whose process is gone, or was too slow: another attempt here behind what is settled, or an end.
import { v7 as newId } from 'uuid';
import type { Agent } from '../../agent/agent.ts';
import type { Spent } from '../../db/access/usage.ts';
import { isDatabaseAway } from '../../db/errors.ts';
import type { Store } from '../../db/store.ts';
import type { TurnWithSteps } from '../../db/turns/find-turns.ts';
import type { Streamed } from '../../db/turns/turn-events.ts';
import type { AbandonedTurn, TakenOver } from '../../db/turns/turn-leases.ts';
import type { TurnKey } from '../../db/turns/turn-name.ts';
import { answererOf, wishOf } from '../answerer.ts';
import { openCalls } from '../calls/open-calls.ts';
import { readShown } from '../context/shown-conversation.ts';
import { EventLog } from '../log/event-log.ts';
import { goneMetadata } from '../messages.ts';
import { storedEvents } from '../turn-view.ts';
import { ReplyDraft, saysSomething } from './reply-draft.ts';
import type { BegunRun, TurnParts } from './running-turn.ts';
import { createSpending, uncountedSteps } from './spending.ts';

/**
 * Takes turns that nobody holds; `regardless` of leases, where no other process can hold any. Gives those that are to
 * run here. Turns that were interrupted too often have failed then, with what they had streamed, and can be retried.
 */
export async function* takeOver(
  parts: TurnParts,
  turns: AbandonedTurn[],
  regardless: boolean,
): AsyncGenerator<BegunRun> {
  for (const abandoned of turns) {
    try {
      const { owner, session, turn } = abandoned;
      const key = { owner, session, turn, lease: crypto.randomUUID() };
      const to = { lease: key.lease, replyId: newId() };
      const taken = await parts.store.leases.takeOver(abandoned, to, regardless);
      // One that is to be cancelled needs no agent for its end.
      if (taken?.last || (taken?.cancel && !parts.agents.find(taken.agent))) await end(parts, key, taken);
      else if (taken) {
        const run = await beginAgain(parts, abandoned, key, taken);
        if (run) yield run;
      }
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      // The others are not to wait for this one for ever.
      parts.log.error('a turn could not be taken over', { turn_id: abandoned.turn, error });
    }
  }
}

/** Undefined where its session was deleted meanwhile, or another process has it. */
async function beginAgain(
  { store, agents, log }: TurnParts,
  { attempt }: AbandonedTurn,
  key: TurnKey,
  taken: TakenOver,
): Promise<BegunRun | undefined> {
  const fields = { turn_id: key.turn, session_id: key.session, attempt: taken.attempt };
  const wasLost = taken.attempt > attempt;
  // Nobody held it while it waited.
  if (taken.running && !wasLost) log.info('a turn goes on, a person has decided', fields);
  else log.warn('took over a turn whose process is gone', { ...fields, was_running: wasLost });
  const row = await store.turns.find(key);
  if (row?.attempt !== taken.attempt) return undefined;
  const agent = answererOf(agents, taken.agent, row.userMessage);
  const insteadOf = wishOf(row.userMessage).instead_of;
  const events = new EventLog(taken.attempt);
  events.appendRest(storedEvents(row, undefined, await openCalls(store, key, row)));
  return { key, events, begun: taken, agent, insteadOf, settled: row.settled, requestId: undefined };
}

async function end({ store, agents, log }: TurnParts, key: TurnKey, taken: TakenOver): Promise<void> {
  const streamed = await store.events.partial(key);
  const fields = { turn_id: key.turn, session_id: key.session, attempt: taken.attempt };
  const row = await store.turns.find(key);
  // Its session was deleted meanwhile.
  if (!row) return;
  const agent = agents.find(taken.agent) && answererOf(agents, taken.agent, row.userMessage);
  const spent = agent ? await spentOn(store, key, taken, agent, row, streamed) : null;
  let isStored: boolean;
  if (agent && taken.cancel && saysSomething(streamed)) {
    const said = { id: taken.replyId, source: streamed.source ?? agent.name };
    const reply = new ReplyDraft().finished(said, agent.model, 'cancelled', streamed);
    reply.metadata = { ...reply.metadata, ...goneMetadata(wishOf(row.userMessage).instead_of) };
    isStored = (await store.turns.complete(key, 'cancelled', reply, true, spent)) !== undefined;
  } else {
    const error = taken.cancel ? null : { code: 'interrupted' };
    isStored = await store.turns.endWithoutReply(key, error, streamed, spent);
  }
  if (!isStored && spent) await store.usage.addIfGone(key, taken.keyId, taken.agent, spent);
  log.warn(
    taken.cancel ? 'a turn was cancelled after its process' : 'a turn was interrupted too often',
    fields,
  );
}

/** What a run used that is gone. */
async function spentOn(
  store: Store,
  key: TurnKey,
  taken: TakenOver,
  agent: Agent,
  { settled }: TurnWithSteps,
  { thought, content }: Streamed,
): Promise<Spent | null> {
  const uncounted = uncountedSteps(settled, taken);
  const spending = createSpending(agent, uncounted, new WeakSet());
  if (thought !== '' || content !== '') {
    const conversation = await readShown({ store }, { key, begun: taken, agent, events: taken });
    spending.asks(conversation);
    await spending.said({ thought, content, modelsUsage: null }, async () => conversation);
  }
  return spending.total();
}

// Turns whose process is gone, or was too slow: another attempt here behind what is settled, or an end.
import { v7 as newId } from 'uuid';
import type { Agent, Agents } from '../agent/agent.ts';
import type { Spent } from '../db/access/usage.ts';
import { isDatabaseAway } from '../db/errors.ts';
import type { Store } from '../db/store.ts';
import type { Streamed } from '../db/turns/turn-events.ts';
import type { AbandonedTurn, TakenOver } from '../db/turns/turn-leases.ts';
import type { TurnKey } from '../db/turns/turn-name.ts';
import { EventLog } from './event-log.ts';
import { ReplyDraft, saysSomething } from './reply-draft.ts';
import type { BegunRun, TurnParts } from './running-turn.ts';
import { readShown } from './shown-conversation.ts';
import { createSpending, uncountedSteps } from './spending.ts';
import { storedEvents } from './turn-view.ts';
import { openRequests } from './wait-for-person.ts';

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
      if (taken?.last) await end(parts, key, taken);
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
  log.warn('took over a turn whose process is gone', {
    turn_id: key.turn,
    session_id: key.session,
    attempt: taken.attempt,
    was_running: taken.attempt > attempt,
  });
  const agent = agentOf(agents, taken);
  const row = await store.turns.find(key);
  if (row?.attempt !== taken.attempt) return undefined;
  const events = new EventLog(taken.attempt);
  events.appendRest(storedEvents(row, undefined, await openRequests(store, key, row)));
  return { key, events, begun: taken, agent, settled: row.settled, requestId: undefined };
}

async function end({ store, agents, log }: TurnParts, key: TurnKey, taken: TakenOver): Promise<void> {
  const streamed = await store.events.partial(key);
  const fields = { turn_id: key.turn, session_id: key.session, attempt: taken.attempt };
  const agent = agentOf(agents, taken);
  const spent = await spentOn(store, key, taken, agent, streamed);
  let isStored: boolean;
  if (taken.cancel && saysSomething(streamed)) {
    const said = { id: taken.replyId, source: streamed.source ?? agent.name };
    const reply = new ReplyDraft().finished(said, agent.model, 'cancelled', streamed);
    isStored = (await store.turns.complete(key, 'cancelled', reply, true, spent)) !== undefined;
  } else {
    const error = taken.cancel ? null : { code: 'interrupted' };
    isStored = await store.turns.endWithoutReply(key, error, streamed, spent);
  }
  if (!isStored && spent) await store.usage.addIfGone(key, taken.keyId, agent.name, spent);
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
  { thought, content }: Streamed,
): Promise<Spent | null> {
  const row = await store.turns.find(key);
  const uncounted = uncountedSteps(row?.settled ?? [], taken);
  const spending = createSpending(agent, uncounted, new WeakSet());
  if (thought !== '' || content !== '') {
    const conversation = await readShown({ store }, { key, begun: taken, agent, events: taken });
    spending.asks(conversation);
    await spending.said({ thought, content, modelsUsage: null }, async () => conversation);
  }
  return spending.total();
}

function agentOf(agents: Agents, { agent: name }: TakenOver): Agent {
  const agent = agents.find(name);
  if (!agent) throw new Error(`a turn of ${name} was taken over, and there is no such agent here`);
  return agent;
}

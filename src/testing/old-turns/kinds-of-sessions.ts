// Sessions that are more than their one turn: in the index of the search, imported, named, with keys.
import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { say } from '../scripted-model.ts';
import { type PlayedTurn, setStage } from './stage.ts';

/** Called first: it takes all that there is into the index of the search. */
export async function playIndexed(database: Database): Promise<PlayedTurn[]> {
  const whole = await setStage(database, { script: () => say(['The lighthouse ', '在海边。'], ['Where? ']) });
  await whole.hear('in the index', 'Where does the keeper live? 灯塔');
  const behind = await setStage(database, { script: (call) => say([`Chapter ${call} `, 'of the whale']) });
  await behind.hear('in the index, of a session that went on', 'Tell of the sea');
  // The index leaves alone what has just changed.
  await database.db.execute(sql`update chat_sessions set updated_at = updated_at - interval '1 hour'`);
  while (await whole.one.store.search.takeIn());
  await behind.hear('not yet in the index', 'And of the harbour 港口');
  return [...whole.turns, ...behind.turns];
}

export async function playSessions(database: Database): Promise<PlayedTurn[]> {
  const call = { id: 'c1', name: 'weather', arguments: '{"city":"西安"}' };
  const result = { content: 'sunny', call_id: 'c1', name: 'weather', is_error: false };
  const imported = await setStage(database, {
    script: () => say(['As I ', 'said.'], ['Did I? ']),
    session: {
      metadata: { from: 'AutoGen' },
      agent_state: {
        type: 'AssistantAgentState',
        version: '1.0.0',
        llm_context: {
          messages: [
            { content: 'How is the weather? 天气', source: 'user', type: 'UserMessage' },
            { content: [call], thought: 'Look.', source: 'helper', type: 'AssistantMessage' },
            { content: [result], type: 'FunctionExecutionResultMessage' },
            { content: 'It is sunny.', thought: null, source: 'helper', type: 'AssistantMessage' },
          ],
        },
      },
    },
  });
  await imported.hear('after an imported state', 'Are you sure?');
  const named = await setStage(database, {
    script: (n) => say([`Answer ${n}`]),
    session: { name: 'A given name 名字', metadata: { team: 'blue' } },
  });
  await named.hear('in a named session', 'One?');
  await named.hear('with a key', 'Two?', { 'idempotency-key': 'the same again' });
  return [...imported.turns, ...named.turns];
}

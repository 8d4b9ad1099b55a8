// The kinds of turns that have not ended, each left by its process.
import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { ModelError } from '../../models/model.ts';
import { mostInterruptions } from '../../words/turn-limits.ts';
import type { Step } from '../scripted-model.ts';
import { forever, piece, thought } from './kinds.ts';
import { type PlayedTurn, type Stage, setStage, stored, until } from './stage.ts';

/** Called last: nobody holds these turns then. */
export async function playUnfinished(database: Database): Promise<PlayedTurn[]> {
  const played: PlayedTurn[] = [];
  async function play(script: (call: number) => Step[], run: (stage: Stage) => Promise<void>) {
    const stage = await setStage(database, { script });
    await run(stage);
    // Whoever looks for turns that nobody holds is to leave these alone meanwhile.
    await database.db.execute(
      sql`update chat_turns set lease_until = now() + interval '1 hour' where session_id = ${stage.session}`,
    );
    played.push(...stage.turns);
  }

  await play(
    () => [thought('Let '), thought('me '), piece('begin '), piece('with 😀'), forever()],
    async ({ say }) => {
      const turn = await say('running, its process gone', 'Begin');
      await stored(turn, 'begin with 😀');
      await say('queued behind a running one', 'And then?');
    },
  );
  await play(
    (call) => (call === 1 ? [piece('void '), forever()] : [thought('Two. '), piece('second '), forever()]),
    async ({ one, two, say, lose }) => {
      const turn = await say('running again, with pieces of the lost attempt beside', 'Begin again');
      await stored(turn, 'void ');
      await lose(two);
      await one.turns.beat();
      await stored(turn, 'void second ');
    },
  );
  await play(
    (call) =>
      call === 1 ? [piece('half '), new ModelError('failed', { en: 'no', 'zh-CN': '否' })] : [forever()],
    async ({ model, hear, retry }) => {
      const turn = await hear('retried, its process gone before a word', 'Try');
      await retry(turn);
      await until(() => model.calls.length === 2);
    },
  );
  const gate = Promise.withResolvers<void>();
  await play(
    () => [thought('More? '), piece('stored '), gate.promise, piece('and told'), forever()],
    async ({ one, say }) => {
      const turn = await say('running, with more told than was stored', 'Go on');
      await stored(turn, 'stored ');
      one.store.events.append = () => forever();
      gate.resolve();
      await until(() => turn.readers[0]?.events.at(-1)?.data.content === 'and told');
    },
  );
  await play(
    () => [thought('Stop? '), piece('kept '), forever()],
    async ({ say }) => {
      const turn = await say('to be cancelled, its process gone', 'Stop it');
      await stored(turn, 'kept ');
      await database.db.execute(sql`update chat_turns set cancel_requested_at = now() where id = ${turn.id}`);
    },
  );
  await play(
    (call) => [thought(`${call}! `), piece(`try ${call} `), forever()],
    async ({ one, two, say, lose }) => {
      const turn = await say('interrupted as often as it may be', 'Try hard');
      let all = '';
      for (let call = 1; ; call++) {
        all += `try ${call} `;
        await stored(turn, all);
        if (call === mostInterruptions) break;
        await lose(call % 2 ? two : one);
        await (call % 2 ? one : two).turns.beat();
      }
    },
  );
  return played;
}

// The kinds of turns that have ended, each made to happen.
import type { Database } from '../../db/database.ts';
import { ModelError, type ModelEvent } from '../../models/model.ts';
import { mostInterruptions } from '../../words/turn-limits.ts';
import { type Step, say } from '../scripted-model.ts';
import { ended, type PlayedTurn, setStage, stored, until } from './stage.ts';

export const thought = (text: string): ModelEvent => ({ type: 'thought', text });
export const piece = (text: string): ModelEvent => ({ type: 'content', text });
export const forever = () => new Promise<void>(() => {});

const noLuck = { 'zh-CN': '运气不好', en: 'no luck' };
const end = (
  finishReason: 'stop' | 'length' | 'content_filter',
  usage: { prompt_tokens: number; completion_tokens: number } | null,
): ModelEvent => ({ type: 'end', finishReason, usage });

/** Some 20,000 characters, no part of which is like another. */
const long = Array.from({ length: 7 }, (_, part) =>
  Array.from({ length: 100 }, (_, line) => `Line ${part * 100 + line} is told once. 第${line}行😀\n`).join(
    '',
  ),
);

/** Those that just happen, from one run of the model. */
const plain: [kind: string, script: Step[], message?: string | object, demo?: boolean][] = [
  ['a text', say(['Hello ', 'there, ', 'how are you?'])],
  ['a thought and a text', say(['So ', 'it is.'], ['Let me ', 'see.'])],
  [
    'thoughts between texts',
    [thought('Hm. '), piece('One, '), thought('And '), piece('two, '), thought('so.'), ...say(['three.'])],
  ],
  ['a text before its thought', [piece('First. '), thought('Was it?'), ...say(['Last.'])]],
  ['a thought after the text', [piece('Said.'), thought('Enough?'), end('stop', null)]],
  ['a thought alone', [thought('I think, '), thought('but do not say.'), end('stop', null)]],
  [
    'characters of two units',
    say(['😀', '好的，', '𠮷野家👩‍👩‍👧', '"e\u0301" \\ \n\u2028\u0085', '完'], ['想一想🤔', '𝒙=1']),
    '你好，𠮷😀',
  ],
  ['a long text', say(long, ['Long, ', 'they said.'])],
  [
    'with metadata of the user, cut off',
    [piece('As much as '), piece('fits'), end('length', { prompt_tokens: 1200, completion_tokens: 8 })],
    {
      content: 'Tell me',
      source: 'Alice',
      metadata: { mood: 'good', 数: '一' },
      models_usage: { prompt_tokens: 1, completion_tokens: 0 },
    },
    true,
  ],
  ['filtered', [thought('May I?'), piece('I may '), end('content_filter', null)]],
  ['failed with nothing', [new ModelError('failed', noLuck)]],
  [
    'failed half-way',
    [thought('Well, '), piece('half a '), piece('word'), new ModelError('timeout', noLuck)],
  ],
  ['failed, to come back later', [piece('not'), new ModelError('failed', noLuck, { retryAfterSeconds: 7 })]],
  ['failed, with nothing to be done', [new ModelError('refused', noLuck)]],
];

/** Each in a session of its own, made one after another. */
export async function playEnded(database: Database): Promise<PlayedTurn[]> {
  const played: PlayedTurn[] = [];
  for (const [kind, script, message = `Tell me of ${kind}`, demo = false] of plain) {
    const { hear } = await setStage(database, { script: () => script, demo });
    played.push(await hear(kind, message));
  }
  played.push(...(await playCancelled(database)), ...(await playTakenOver(database)));
  played.push(...(await playRetried(database)));
  return played;
}

async function playCancelled(database: Database): Promise<PlayedTurn[]> {
  const played: PlayedTurn[] = [];
  const cut: [kind: string, said: Step[], isSaid: boolean][] = [
    ['cancelled, with something kept', [thought('To '), thought('say: '), piece('so '), piece('far')], true],
    ['cancelled, with a thought kept', [thought('Thought '), thought('of it')], true],
    ['cancelled, with nothing', [], false],
  ];
  for (const [kind, said, isSaid] of cut) {
    const { say, cancel, model, turns } = await setStage(database, { script: () => [...said, forever()] });
    const turn = await say(kind, `Stop: ${kind}`);
    await until(() => model.calls.length === 1 && (!isSaid || pieces(turn) === said.length));
    await cancel(turn);
    await ended(turn);
    played.push(...turns);
  }
  const gate = Promise.withResolvers<void>();
  const {
    say: ask,
    cancel,
    turns,
  } = await setStage(database, {
    script: () => [piece('In '), gate.promise, ...say(['time'])],
  });
  const first = await ask('ran before a queued one', 'First');
  const second = await ask('queued and cancelled', 'Second');
  await cancel(second);
  await ended(second);
  gate.resolve();
  await ended(first);
  return [...played, ...turns];
}

const pieces = ({ readers }: PlayedTurn) =>
  readers[0]?.events.filter(({ event }) => event.endsWith('ChunkEvent')).length;

async function playTakenOver(database: Database): Promise<PlayedTurn[]> {
  const played: PlayedTurn[] = [];
  /** Its process is gone `times` times after so many pieces, each time the other's. */
  async function play(kind: string, times: number, last: Step[]) {
    const lost = (call: number) => [thought(`${call}? `), piece(`void ${call} `), forever()];
    const made = await setStage(database, { script: (call) => (call <= times ? lost(call) : last) });
    const turn = await made.say(kind, `Begin again: ${kind}`);
    let all = '';
    for (let call = 1; call <= times; call++) {
      all += `void ${call} `;
      await stored(turn, all);
      const [from, to] = call % 2 ? [made.one, made.two] : [made.two, made.one];
      await made.lose(to);
      await from.turns.beat();
    }
    await ended(turn);
    played.push(turn);
    return made;
  }
  await play('taken over', 1, say(['The ', 'second.'], ['Now. ']));
  await play('taken over twice', 2, [piece('The '), thought('Third? '), ...say(['third.'])]);
  await play('interrupted too often', mostInterruptions, []);
  const { retry, turns } = await play(
    'interrupted too often, and retried',
    mostInterruptions,
    say(['At ', 'last.'], ['Aha. ']),
  );
  const [turn] = turns;
  if (turn) {
    await retry(turn);
    await ended(turn);
  }
  const handed = await setStage(database, {
    script: (call) => (call === 1 ? [piece('Passed '), forever()] : say(['Taken ', 'on.'])),
  });
  const over = await handed.say('handed over', 'Hand it over');
  await stored(over, 'Passed ');
  await handed.one.turns.drain(0);
  await handed.two.turns.beat();
  await over.readers[1]?.ended;
  return [...played, over];
}

async function playRetried(database: Database): Promise<PlayedTurn[]> {
  const failure = () => new ModelError('busy', noLuck, { retryAfterSeconds: 3 });
  const half = [thought('Try. '), piece('half '), failure()];
  const played: PlayedTurn[] = [];
  const kinds: [kind: string, runs: Step[][]][] = [
    ['failed, retried and completed', [half, say(['the ', 'whole'], ['Again. '])]],
    ['failed, retried and failed again', [half, [thought('No. '), piece('less'), failure()]]],
    ['failed, retried and failed with nothing', [half, [failure()]]],
    ['failed, retried twice and completed', [half, [piece('third '), failure()], say(['all ', 'of it'])]],
  ];
  for (const [kind, runs] of kinds) {
    const { hear, retry, turns } = await setStage(database, { script: (call) => runs[call - 1] ?? [] });
    const turn = await hear(kind, `Try: ${kind}`);
    for (const _ of runs.slice(1)) {
      await retry(turn);
      await ended(turn);
    }
    played.push(...turns);
  }
  return played;
}

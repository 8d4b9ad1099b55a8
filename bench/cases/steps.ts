// What a turn costs by step, in processor time: it hardly depends on what else the machine does.
import type { Benchmark, Outcome } from '../benchmark.ts';
import { type Step, stepSessions, stepTurns } from '../processes/steps-measure.ts';
import { setUp } from '../setup.ts';
import type { Stand } from '../stand.ts';
import { median } from '../stats.ts';

export const steps: Benchmark = {
  name: 'steps',
  about: 'what a turn costs by step, in processor time',
  async run(stand): Promise<Outcome> {
    const sets = [1, 2, 3].map((set) => ({
      set,
      sessions: set === 1 ? stepSessions : stepTurns,
      messages: 10,
    }));
    const rounds: Step[][] = [];
    for (let round = 1; round <= stand.options.rounds; round++) {
      stand.say(`steps: round ${round} of ${stand.options.rounds}`);
      rounds.push(await measureOnce(stand, `steps-${round}`, sets));
    }
    const names = (rounds[0] ?? []).map(({ name }) => name);
    const rows = names.map((name, at) => [
      name,
      `${median(rounds.map((round) => round[at]?.cpuUs ?? 0)).toFixed(0)} µs`,
    ]);
    const note =
      'One process, 16 at a time. PostgreSQL and the model server are processes of their own and not in it.';
    return {
      tables: [{ title: 'What a turn costs by step', columns: ['step', 'processor time'], rows, note }],
      goals: [],
      faults: [],
      data: rounds,
    };
  },
};

async function measureOnce(stand: Stand, name: string, sets: Parameters<typeof setUp>[2]): Promise<Step[]> {
  const { url, model } = await setUp(stand, name, sets);
  const { url: paced } = await stand.model('paced/1000000/2000');
  const child = await stand.steps({ STEPS_DATABASE: url, STEPS_MODEL: model.url, STEPS_PACED: paced }, name);
  const measured = (await child.ask('measure')) as Step[];
  await stand.endOwn();
  return measured;
}

// One turn of three steps loses its process once in each of them: interruptions count from the last settled step, so it
// must go on all the same.
import type { ChaosRecord } from './record.ts';
import type { Fleet } from './servers.ts';
import type { Triggers } from './triggers.ts';

type Parts = { fleet: Fleet; triggers: Triggers; record: ChaosRecord; going: () => boolean };

/** Until the lease has run out and another process is at the next step. */
const stepWithinMs = 40_000;

/** Takes one turn after another until it is over. */
export async function killInEachStep(parts: Parts): Promise<void> {
  while (parts.going()) await killOne(parts);
}

async function killOne({ fleet, triggers, record, going }: Parts): Promise<void> {
  let hunted: string | undefined;
  for (const step of [0, 1, 2]) {
    const hit = await triggers.arm(
      'middle',
      (name, reached) => {
        const server = fleet.up().find((one) => one.name === name);
        if (!server || !reached?.ofThree || reached.step !== step) return false;
        if (hunted !== undefined && hunted !== reached.tag) return false;
        hunted = reached.tag;
        record.hunted.add(hunted);
        const at = Date.now();
        record.faults.push({ kind: 'kill -9: one turn in each step', at, until: at, server: name });
        fleet.kill(server);
        return true;
      },
      stepWithinMs,
      going,
    );
    if (!hit) return;
  }
  if (hunted !== undefined) record.killedInEachStep.push(hunted);
}

// People who are asked whether calls may be made: they look at what waits, at whichever server, and allow, change, deny,
// answer, cancel or leave it; often two say something of one call at once.
import { z } from 'zod';
import { TooLate } from './clock.ts';
import { turnPath } from './follow.ts';
import { createRandom, type Random } from './random.ts';
import type { Decision, SaidOf } from './record.ts';
import { problem, turn } from './wire.ts';
import type { World } from './world.ts';

const pending = z.object({
  id: z.string(),
  session_id: z.string(),
  turn_id: z.string(),
  call: z.object({ id: z.string(), arguments: z.string() }),
  expires_at: z.string(),
});
type Pending = z.output<typeof pending>;

const soonMs = 60_000;

/** Until `going` says no. */
export async function runPerson(world: World, name: string, going: () => boolean): Promise<void> {
  const random = createRandom(`${world.options.seed} ${name}`);
  while (going()) {
    await Bun.sleep(random.int(20, 400));
    try {
      const waiting = await world.api.patient(z.array(pending), 'GET', '/api/approvals');
      const mine = waiting.filter((one) => !isLeft(one));
      if (mine.length > 0) await sayOf(world, random.pick(mine), random);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      return;
    }
  }
}

/** Nobody answers it, if it ends soon by itself. */
const isLeft = ({ id, expires_at }: Pending): boolean =>
  Date.parse(expires_at) - Date.now() < soonMs && createRandom(`left ${id}`).chance(0.2);

async function sayOf(world: World, waiting: Pending, random: Random): Promise<void> {
  const { record } = world;
  if (random.chance(0.04)) {
    record.count('turns cancelled while they waited');
    const path = turnPath(waiting.session_id, waiting.turn_id);
    return void (await world.api.patient(turn, 'POST', `${path}/cancel`));
  }
  const own = decisionOf(waiting, random);
  const devices = [own];
  if (random.chance(0.3)) devices.push(random.chance(0.5) ? own : decisionOf(waiting, random));
  if (devices.length > 1) record.count('decisions from two devices at once');
  await Promise.all(devices.map((decision) => decide(world, waiting, decision)));
}

function decisionOf({ call }: Pending, random: Random): Decision {
  const roll = random.float();
  if (roll < 0.5) return { decision: 'approve' };
  if (roll < 0.7) {
    const given = z
      .object({ label: z.string(), note: z.string(), ms: z.number() })
      .parse(JSON.parse(call.arguments));
    return { decision: 'approve', arguments: { ...given, note: `changed ${random.int(1, 99)}` } };
  }
  if (roll < 0.85) return { decision: 'deny', ...(random.chance(0.5) ? { reason: 'not today' } : {}) };
  return { decision: 'answer', answer: `said by hand ${random.int(1, 99)}` };
}

/** Says it until somebody answers: one whose answer was lost may have been heard. */
async function decide({ api, record }: World, waiting: Pending, decision: Decision): Promise<void> {
  const path = `${turnPath(waiting.session_id, waiting.turn_id)}/approvals/${waiting.id}`;
  const said: SaidOf = {
    approval: waiting.id,
    label: waiting.call.id,
    decision,
    sentAt: Date.now(),
    status: undefined,
  };
  record.decisions.push(said);
  for (;;) {
    const response = await api.once('POST', path, { body: decision });
    if (!response) continue;
    said.status = response.status;
    if (response.ok) return;
    if (response.status === 409 || response.status === 404) {
      const { code } = problem.parse(await response.json().catch(() => undefined));
      if (code === 'approval_decided' || code === 'approval_not_found') return;
    }
    await api.refusal(path, response);
  }
}

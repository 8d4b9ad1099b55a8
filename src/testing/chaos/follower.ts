// Somebody who watches other clients' running turns, mostly from a process that does not run them.
import { z } from 'zod';
import type { Talk } from './client.ts';
import { TooLate } from './clock.ts';
import { followToEnd } from './follow.ts';
import { createRandom } from './random.ts';
import { createReader } from './reader.ts';
import { turn } from './wire.ts';
import type { World } from './world.ts';

export async function runFollower(world: World, name: string, talks: readonly Talk[]): Promise<void> {
  const random = createRandom(`${world.options.seed} ${name}`);
  while (world.clock.sending()) {
    await Bun.sleep(random.int(50, 500));
    const { sessionId } = random.pick(talks);
    if (sessionId === '') continue;
    try {
      const path = `/api/sessions/${sessionId}/turns?status=running`;
      const [running] = await world.api.patient(z.array(turn), 'GET', path);
      if (!running) continue;
      const reader = createReader(`${name} on ${running.user_message.content}`, sessionId, running.id);
      world.record.readers.push(reader);
      const leaves = () => world.options.faults && random.chance(0.01);
      if (!(await followToEnd(world, reader, random, leaves)))
        world.leftForLater.push({ reader, sent: undefined });
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      world.record.unfinished.push(`${name} got no end of a turn of ${sessionId}`);
    }
  }
}

// Which tools the model asks for: a function of the message's tag and of the step, under ids that also say which ask it was.
import { firstNote, type ToolArguments, type ToolName, toolNames } from './chaos-tools.ts';
import { createRandom } from './random.ts';
import type { Asked } from './scripted-reply.ts';

export type ScriptedCall = { id: string; name: ToolName; given: ToolArguments };

/** None, where the model answers. A step of calls is followed by one of their results. */
export function scriptedCalls({ tag, step, ask }: Asked): ScriptedCall[] {
  const rounds = createRandom(`rounds of ${tag}`).pick([0, 1, 1, 2]);
  if (step >= 2 * rounds) return [];
  const random = createRandom(`calls of ${tag}, step ${step}`);
  return Array.from({ length: random.int(1, 4) }, (_, place) => {
    const name = random.pick(toolNames);
    const label = `${tag}:${step}.${ask}:${place}`;
    const isLong = name === 'slow' || random.chance(0.3);
    const ms = isLong ? random.int(500, 3000) : random.int(0, 60);
    return { id: label, name, given: { label, note: firstNote, ms } };
  });
}

/** What the model was asked for when it asked for the call of this id, or label. */
export function askedInId(id: string): Asked | undefined {
  const [, tag, step, ask] = /^([\w-]+):(\d+)\.(\d+):\d+$/.exec(id) ?? [];
  return tag === undefined ? undefined : { tag, step: Number(step), ask: Number(ask) };
}

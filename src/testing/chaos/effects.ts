// What the tools did, in a folder beside the database: lines of a file, and of those that keep a key a file for each. Nobody's
// death takes any of it back.
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { chaosTools, type ToolArguments, type ToolName, toolNames } from './chaos-tools.ts';

const line = z.object({
  what: z.enum(['called', 'effect']),
  at: z.number(),
  tool: z.enum(toolNames),
  /** The call's, as the model made it; the key is ours. */
  label: z.string(),
  key: z.string(),
  note: z.string(),
});
export type EffectLine = z.infer<typeof line>;

const file = 'effects.jsonl';
const keys = /^(?<tool>\w+) (?<label>\S+) (?<key>\S+)$/;

export type Effects = ReturnType<typeof openEffects>;

export function openEffects(folder: string) {
  const write = (one: EffectLine): void => appendFileSync(join(folder, file), `${JSON.stringify(one)}\n`);
  const lineOf = (what: EffectLine['what'], tool: ToolName, { label, note }: ToolArguments, key: string) => ({
    what,
    at: Date.now(),
    tool,
    label,
    key,
    note,
  });
  return {
    folder,
    called: (tool: ToolName, given: ToolArguments, key: string): void =>
      write(lineOf('called', tool, given, key)),
    make: (tool: ToolName, given: ToolArguments, key: string): void => {
      const { effect } = chaosTools[tool];
      if (effect === 'each') write(lineOf('effect', tool, given, key));
      if (effect === 'by key') makeOnce(join(folder, `${tool} ${given.label} ${key}`), given.note);
    },
    /** All that was ever done. */
    read: (): EffectLine[] => [...linesIn(folder), ...keysIn(folder)],
  };
}

function makeOnce(path: string, note: string): void {
  try {
    writeFileSync(path, note, { flag: 'wx' });
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

function linesIn(folder: string): EffectLine[] {
  const path = join(folder, file);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((text) => (text === '' ? [] : [line.parse(JSON.parse(text))]));
}

const keysIn = (folder: string): EffectLine[] =>
  readdirSync(folder).flatMap((name) => {
    const found = keys.exec(name)?.groups;
    return found ? [line.parse({ ...found, what: 'effect', at: 0, note: '' })] : [];
  });

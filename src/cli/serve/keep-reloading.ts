// Reads the agents' files again when they change. What is wrong leaves what was there, and is told.
import { createLiveAgents, type LiveAgents, type SourcedAgents } from '../../agent/live-agents.ts';
import type { Log } from '../../log.ts';
import type { Environment } from '../../settings.ts';
import {
  type AgentFiles,
  byPlace,
  type LoadedAgents,
  type ReadAgents,
  readAgents,
  stampOf,
} from '../load-agents.ts';
import type { ServedAgents } from './serve.ts';

/** `stamp`: of the files, from before they were read. */
export type Reloading = { files: AgentFiles; environment: Environment; stamp: string };

/** Looks this often. A file is read when it was the same twice: it may still be being written. */
const everyMs = 1000;

/** What `serve` is given of agents whose files are looked at as long as it serves. */
export function reloadedAgents({ agents, warnings }: LoadedAgents, reloading: Reloading): ServedAgents {
  let live: LiveAgents | undefined;
  return {
    warnings,
    agents(tools) {
      live = createLiveAgents(agents, tools);
      return live;
    },
    keep: (log) => (live ? keepReloading(live, reloading, log) : () => {}),
  };
}

function keepReloading(agents: LiveAgents, { files, environment, stamp }: Reloading, log: Log): () => void {
  let read = stamp;
  let seen = stamp;
  let stopped = false;

  async function look(): Promise<void> {
    await agents.sweep();
    const now = await stampOf(files);
    const isStill = now === seen;
    seen = now;
    if (!isStill || now === read) return;
    read = now;
    takeIn(agents, await readAgents(files, environment), log);
  }

  async function keepLooking(): Promise<void> {
    while (!stopped) {
      await Bun.sleep(everyMs);
      if (!stopped)
        await look().catch((error) =>
          log.error('the files of the agents could not be read again', { error }),
        );
    }
  }
  void keepLooking();
  return () => {
    stopped = true;
  };
}

function takeIn(agents: LiveAgents, { agents: found, warnings, faults }: ReadAgents, log: Log): void {
  for (const warning of warnings) log.warn(warning);
  const before = new Map(agents.described.map((one) => [one.name, one]));
  const isThere = new Set(found.map(({ name }) => name));
  const whole = faults.some(({ agent }) => agent === undefined);
  // Without the folder nobody knows whose files are gone.
  const wrong = new Set(whole ? before.keys() : faults.map(({ agent }) => agent));
  const kept = [...before.values()].filter(({ name }) => wrong.has(name) && (whole || !isThere.has(name)));
  const [first, ...others] = (whole ? kept : [...found, ...kept]).toSorted(byPlace);
  const next: SourcedAgents = first ? [first, ...others] : agents.described;
  agents.replace(
    next,
    faults.map(({ agent }) => ({ agent, stays: agent === undefined || before.has(agent) })),
  );
  for (const { agent, error } of faults)
    log.error(`${error.message}. ${consequence(agent, agent === undefined || before.has(agent))}`);
  const changes = changesIn(before, next);
  if (changes) log.info('the files of the agents were read again', changes);
}

const consequence = (agent: string | undefined, stays: boolean): string => {
  if (agent === undefined) return 'All agents stay as they were';
  return stays ? `The agent ${agent} answers as before` : `There is no agent ${agent}`;
};

function changesIn(
  before: ReadonlyMap<string, { source: string }>,
  now: SourcedAgents,
): Record<string, string> | undefined {
  const names = new Set(now.map(({ name }) => name));
  const added = [...names].filter((name) => !before.has(name));
  const gone = [...before.keys()].filter((name) => !names.has(name));
  const changed = now.flatMap(({ name, source }) => {
    const was = before.get(name);
    return was && was.source !== source ? [name] : [];
  });
  const all = { added, changed, gone };
  const told = Object.entries(all).filter(([, list]) => list.length > 0);
  return told.length === 0 ? undefined : Object.fromEntries(told.map(([key, list]) => [key, list.join()]));
}

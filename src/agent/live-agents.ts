// A catalogue that changes while turns run: they keep the agent that they have, and what belongs to it.
import { type Agent, type AgentFault, type Agents, createAgents, overEachModel } from './agent.ts';
import type { AgentDescription } from './agent-description.ts';
import { createAssistant } from './assistant.ts';
import type { ToolHost } from './workbench.ts';

/** `source` changes whenever what the description was made of does. */
export type SourcedAgent = AgentDescription & { source: string };
/** The default first. */
export type SourcedAgents = readonly [SourcedAgent, ...SourcedAgent[]];

export type LiveAgents = Agents & {
  /** As they were last given. */
  readonly described: SourcedAgents;
  /** From now on these are there. One whose source is the same stays as it is, with its connections. */
  replace(described: SourcedAgents, faults: readonly AgentFault[]): void;
  /** Closes the connections of agents that are not there any more, and that no turn uses. */
  sweep(): Promise<void>;
};

type Entry = { source: string; agent: Agent; users: number; close(): Promise<void> };

/**
 * Their tools come from `host`.
 *
 * @example
 * const agents = createLiveAgents(described, host);
 * agents.replace(describedNow, []);
 * await agents.sweep();
 */
export function createLiveAgents(first: SourcedAgents, host: ToolHost): LiveAgents {
  const entries = new WeakMap<Agent, Entry>();
  const gone = new Set<Entry>();
  let byName = new Map<string, Entry>();
  let described = first;
  let faults: readonly AgentFault[] = [];
  let now = catalogue(first);

  function entryOf(one: SourcedAgent): Entry {
    const { source, ...description } = one;
    const before = byName.get(one.name);
    if (before?.source === source) return before;
    const workbench = host.workbenchOf(description);
    const agent = createAssistant({ ...description, workbench });
    const entry = { source, agent, users: 0, close: async () => workbench?.close() };
    for (const over of overEachModel(agent)) entries.set(over, entry);
    return entry;
  }

  function catalogue([one, ...others]: SourcedAgents): Agents {
    const entry = entryOf(one);
    const made = others.map(entryOf);
    const all = new Map([entry, ...made].map((each) => [each.agent.name, each]));
    for (const [name, before] of byName) if (all.get(name) !== before) gone.add(before);
    byName = all;
    return createAgents(entry.agent, ...made.map(({ agent }) => agent));
  }

  return {
    get default() {
      return now.default;
    },
    get names() {
      return now.names;
    },
    get all() {
      return now.all;
    },
    get described() {
      return described;
    },
    get faults() {
      return faults;
    },
    find: (name) => now.find(name),

    hold(agent) {
      const entry = entries.get(agent);
      if (entry) entry.users++;
      let isHeld = true;
      return () => {
        if (entry && isHeld) entry.users--;
        isHeld = false;
      };
    },

    replace(given, wrong) {
      now = catalogue(given);
      described = given;
      faults = wrong;
    },

    async sweep() {
      const unused = [...gone].filter(({ users }) => users === 0);
      for (const entry of unused) gone.delete(entry);
      await Promise.allSettled(unused.map(({ close }) => close()));
    },
  };
}

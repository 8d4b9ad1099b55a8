// Who answers: the session says so, and the reader changes it; a new session begins as was last chosen in this browser.
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { type Agent, listAgents } from '../api/agents.ts';
import { Problem } from '../api/problem.ts';
import { changeSession } from '../api/sessions.ts';
import type { App } from './app.ts';

export type WhoAnswers = {
  agents: Signal<readonly Agent[]>;
  /** Whom the session, or the choice for a new one, names: undefined for the default one. */
  named: ReadonlySignal<string | undefined>;
  /** Who answers now; undefined while that is not known, or where it is nobody. */
  agent: ReadonlySignal<Agent | undefined>;
  model: ReadonlySignal<string | undefined>;
  /** An agent that was chosen, and is not there any more. */
  gone: ReadonlySignal<string | undefined>;
  choose: (name: string) => void;
  chooseModel: (name: string) => void;
  refresh: () => Promise<void>;
};

const newName = 'who.new';
const modelName = (agent: string) => `who.model.${agent}`;

export function createWhoAnswers(app: App): WhoAnswers {
  const { storage, route, list, tabs, toasts, who } = app;
  const agents = signal<readonly Agent[]>([]);
  /** What the browser keeps may have changed. */
  const kept = signal(0);
  const keptAs = (name: string) => {
    kept.value;
    return storage.read(name) || undefined;
  };
  function keep(name: string, value: string): void {
    storage.write(name, value);
    kept.value++;
  }

  const byName = (name: string | undefined) => agents.value.find((agent) => agent.name === name);
  const usual = computed(() => agents.value.find(({ isDefault }) => isDefault));
  const named = computed(() => {
    const id = route.sessionId.value;
    if (id !== null) return list.find(id)?.agent || undefined;
    const last = keptAs(newName);
    // Who may not ask the default one begins with one of theirs.
    return byName(last)?.name ?? (usual.value ? undefined : agents.value[0]?.name);
  });
  const isKnown = computed(() => agents.value.length > 0);
  const gone = computed(() => (isKnown.value && !byName(named.value) ? named.value : undefined));
  const agent = computed(() => byName(named.value) ?? usual.value);
  const model = computed(() => {
    const models = agent.value?.models ?? [];
    const chosen = agent.value && keptAs(modelName(agent.value.name));
    return models.find((name) => name === chosen) ?? models[0];
  });

  effect(() => {
    const id = route.sessionId.value;
    // Until the session is read nobody knows whose models are chosen from.
    const isOther = (id === null || list.find(id)) && model.value !== agent.value?.models[0];
    const { choosing } = who.peek();
    who.value = {
      ...(id === null && named.value ? { agent: named.value } : {}),
      ...(isOther && model.value ? { model: model.value } : {}),
      ...(choosing ? { choosing } : {}),
    };
  });

  async function change(id: string, name: string): Promise<void> {
    const before = list.find(id);
    if (before) list.update({ ...before, agent: name });
    try {
      list.update(await changeSession(id, { agent: name }));
      tabs.tell({ kind: 'sessions' });
    } catch (error) {
      if (before) list.update(before);
      if (!(error instanceof Problem)) throw error;
      app.connection.suspect(error);
      void toasts.show({ text: 'notChosen', detail: error.detail });
      void refresh();
    }
  }

  async function refresh(): Promise<void> {
    agents.value = await listAgents().catch(() => agents.value);
    app.agentLabels.value = new Map(agents.value.map(({ name, label }) => [name, label]));
  }

  return {
    agents,
    named,
    agent,
    model,
    gone,
    choose(name) {
      keep(newName, name);
      const id = route.sessionId.value;
      if (id === null) return;
      // One after the other: the last one chosen is to stay.
      const choosing = Promise.resolve(who.value.choosing)
        .then(() => change(id, name))
        .finally(() => {
          const { choosing: now, ...rest } = who.value;
          if (now === choosing) who.value = rest;
        });
      who.value = { ...who.value, choosing };
    },
    chooseModel(name) {
      if (agent.value) keep(modelName(agent.value.name), name);
    },
    refresh,
  };
}

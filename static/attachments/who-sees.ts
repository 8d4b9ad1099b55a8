// Whether whoever is to answer sees pictures, and who else does.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Agent, listAgents, listModels, type Model } from '../api/agents.ts';
import { useApp } from '../shell/app-context.ts';

/** `others`: who could be asked instead, with their models. */
export type Blind = { model: string; others: string[] };

/** Null where they see, where there is nothing to see, and while nobody knows. */
export function useWhoSees(hasPictures: boolean): Blind | null {
  const { route, list, who } = useApp();
  const known = useSignal<{ agents: Agent[]; models: Model[] }>({ agents: [], models: [] });
  useEffect(() => {
    if (!hasPictures) return;
    Promise.all([listAgents(), listModels()]).then(
      ([agents, models]) => {
        known.value = { agents, models };
      },
      // The server says it once it is sent.
      () => {},
    );
  }, [hasPictures]);
  if (!hasPictures) return null;
  const { agents, models } = known.value;
  const id = route.sessionId.value;
  const named = id === null ? who.value.agent : list.find(id)?.agent;
  const agent = agents.find(({ name }) => name === named) ?? agents.find(({ isDefault }) => isDefault);
  const name = who.value.model ?? agent?.models[0];
  const model = models.find((one) => one.name === name);
  if (!model || model.sees) return null;
  const labelOf = (of: string) => agents.find((one) => one.name === of)?.label ?? of;
  const others = models
    .filter(({ sees }) => sees)
    .flatMap((seeing) => seeing.agents.map((of) => `${labelOf(of)} (${seeing.name})`));
  return { model: model.name, others };
}

// Kills that are aimed at a step of a turn: armed by the faults, reached by the model server and the clients.

import { toolPoints } from './chaos-tools.ts';
import type { Asked } from './scripted-reply.ts';

/**
 * Where in a turn: a message was sent; the model's request is here; pieces were sent; all was sent; where in the call of a
 * tool; what a person said was sent, and heard.
 */
export const steps = [
  ...(['sent', 'request', 'first piece', 'middle', 'last piece', 'end'] as const),
  ...toolPoints,
  ...(['decision sent', 'decided'] as const),
] as const;
export type Step = (typeof steps)[number];

/** What a model is asked for; `ofThree`: by the agent of three steps. */
export type Reached = Asked & { ofThree: boolean };

/** Takes a server that is there, or declines. */
export type Fire = (server: string, reached: Reached | undefined) => boolean;

export type Triggers = ReturnType<typeof createTriggers>;

export function createTriggers() {
  const armed = new Set<{ step: Step; fire: Fire }>();
  return {
    /** A turn in this server's process is there; a trigger stays armed when its `fire` declines. */
    reach: (step: Step, server: string, reached?: Reached): void => {
      for (const one of armed) if (one.step === step && one.fire(server, reached)) armed.delete(one);
    },
    /** True when `fire` has taken a server in time. */
    arm: async (
      step: Step,
      fire: Fire,
      withinMs: number,
      going: () => boolean = () => true,
    ): Promise<boolean> => {
      const mine = { step, fire };
      armed.add(mine);
      for (let waited = 0; armed.has(mine) && waited < withinMs && going(); waited += 10) await Bun.sleep(10);
      return !armed.delete(mine);
    },
  };
}

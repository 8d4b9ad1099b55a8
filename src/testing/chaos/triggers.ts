// Kills that are aimed at a step of a turn: armed by the faults, reached by the model server and the clients.

/** Where in a turn: a message was sent; the model's request is here; pieces were sent; all was sent. */
export const steps = ['sent', 'request', 'first piece', 'middle', 'last piece', 'end'] as const;
export type Step = (typeof steps)[number];

export type Triggers = ReturnType<typeof createTriggers>;

export function createTriggers() {
  let armed: { step: Step; fire: (server: string) => boolean } | undefined;
  return {
    /** A turn in this server's process is there; the trigger stays armed when `fire` declines. */
    reach: (step: Step, server: string): void => {
      if (armed?.step === step && armed.fire(server)) armed = undefined;
    },
    /** True when `fire` has taken a server in time. */
    arm: async (step: Step, fire: (server: string) => boolean, withinMs: number): Promise<boolean> => {
      const mine = { step, fire };
      armed = mine;
      for (let waited = 0; armed === mine && waited < withinMs; waited += 10) await Bun.sleep(10);
      const fired = armed !== mine;
      if (!fired) armed = undefined;
      return fired;
    },
  };
}

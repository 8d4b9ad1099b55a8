// How long clients send, and how long anybody waits for an end.

export type Clock = {
  /** Whether clients still begin new messages. */
  sending: () => boolean;
  /** Throws when whoever still waits has waited too long. */
  throwIfLate: () => void;
};

export class TooLate extends Error {}

/** A clock that runs from now on. */
export function createClock(): Clock & { stopSending: (waitMs: number) => void } {
  let deadline = Number.POSITIVE_INFINITY;
  let sending = true;
  return {
    sending: () => sending,
    throwIfLate: () => {
      if (Date.now() > deadline) throw new TooLate();
    },
    stopSending: (waitMs) => {
      sending = false;
      deadline = Date.now() + waitMs;
    },
  };
}

// How long turns may be silent, how often lost, and how many may wait.

/** How long a run may stay silent before others take its turn over. */
export const leaseSeconds = 8;
/** How many runs of a turn may be lost before nobody begins it again by himself. */
export const mostInterruptions = 3;
/** How many turns of one session may wait in the queue. */
export const longestQueue = 32;

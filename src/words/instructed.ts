// What a session says to whoever answers in it, beside what the agent itself says.

/** `instructions` stand behind the agent's own; `temperature` is the model's to take. Null: as the agent has it. */
export type Instructed = { instructions: string | null; temperature: number | null };

/** In characters. */
export const longestInstructions = 8192;
export const highestTemperature = 2;

// The tools of a run's agent: what each says of itself, and what may become of its calls. One is an address, the others are
// of an MCP server, a process of its own beside each server.
export const chaosTools = {
  /** Takes effect whenever it is made, and so is made once at most. */
  once: { annotations: {}, mcp: true, effect: 'each' },
  /** The same, and takes seconds. */
  slow: { annotations: {}, mcp: true, effect: 'each' },
  /** The same, and a person is asked where it is unknown whether it did. */
  asks: { annotations: {}, mcp: true, effect: 'each' },
  /** The same, and a person has to allow it. */
  write: { annotations: {}, mcp: true, effect: 'each' },
  /** Takes effect once for each key. */
  keyed: { annotations: { idempotentHint: true }, mcp: true, effect: 'by key' },
  /** The same by HTTP, where PUT says that it may be repeated. */
  put: { annotations: { idempotentHint: true }, mcp: false, effect: 'by key' },
  reads: { annotations: { readOnlyHint: true }, mcp: true, effect: 'none' },
} as const;

export type ToolName = keyof typeof chaosTools;
export const toolNames = Object.keys(chaosTools) as ToolName[];

/** What a call is given: which it is of all that the model ever asked for, what a person may change, and how long it takes. */
/** What every call is made with, unless a person changes it. */
export const firstNote = 'as asked';

export type ToolArguments = { label: string; note: string; ms: number };

export const argumentSchema = {
  type: 'object',
  properties: { label: { type: 'string' }, note: { type: 'string' }, ms: { type: 'number' } },
  required: ['label', 'note', 'ms'],
};

/** What a call that did what it was asked to says. */
export const didIt = (label: string): string => `did ${label}`;

/** A call has come; it took effect; its answer was sent. */
export const toolPoints = ['call made', 'effect', 'call answered'] as const;
export type ToolPoint = (typeof toolPoints)[number];

// What a tool, its result and a workbench of tools are to the rest of AgentChat.
import { cutText, wellFormed } from '../words/well-formed.ts';

/** Hints of who made the tool. A server may lie: what a person allows stands in the operator's file, not here. */
export type ToolAnnotations = {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
};

/** `name` fits `^[a-zA-Z0-9_-]{1,64}$`; `parameters` is the JSON schema of an object. */
export type Tool = {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
  strict?: boolean;
  annotations: ToolAnnotations;
};

/** `other` is what models are told of in words: a sound, a file, an address. */
export type ResultPart =
  | { type: 'text'; text: string }
  | { type: 'image'; data: string /* base64 */; mimeType: string }
  | { type: 'other'; text: string };

export type ToolResult = { parts: ResultPart[]; isError: boolean };

export type ToolProgress = { progress: number; total?: number; message?: string };

/** `idempotencyKey` is the same in every attempt at one call: tools that keep it do a thing once. */
export type CallOptions = {
  idempotencyKey: string;
  signal: AbortSignal;
  progress?: (at: ToolProgress) => void;
};

/**
 * A tool as it was listed. `call` is of this one, also where its name has come to mean another since: what was looked at is
 * what is called. It never rejects for what the tool or its server does: that is a result with `isError`, whose text says
 * in a plain sentence what went wrong. Rejects with the reason of the options' signal.
 */
export type OfferedTool = Tool & {
  call(args: Record<string, unknown>, options: CallOptions): Promise<ToolResult>;
};

export type Workbench = {
  /** Rejects with a ToolServerError where a server cannot be asked, and with the reason of `signal`. */
  list(signal: AbortSignal): Promise<OfferedTool[]>;
  close(): Promise<void>;
};

/** AutoGen's names and descriptions in place of a tool's own, by its own name. */
export type ToolOverrides = Record<string, { name?: string | null; description?: string | null }>;

/** The result as AutoGen shows it to a model: parts joined with a line end, an image as its base64, nothing as ''. */
export function resultText({ parts }: ToolResult): string {
  return parts.map((part) => (part.type === 'image' ? `[Image: ${part.data}]` : part.text)).join('\n');
}

/** What a model is told of one call, in UTF-16 units: all of it is kept, and shown to it in each turn after. */
export const longestResult = 256 * 1024;

export function boundedText(text: string): string {
  if (text.length <= longestResult) return wellFormed(text);
  return `${wellFormed(cutText(text, longestResult))}\n[Cut here: the result has ${text.length} characters.]`;
}

export function textResult(text: string): ToolResult {
  return { parts: [{ type: 'text', text }], isError: false };
}

export function errorResult(text: string): ToolResult {
  return { parts: [{ type: 'text', text }], isError: true };
}

// What a caller says, before it is stored.
import type { Json } from '../db/schema.ts';
import type { Usage } from '../words/usage.ts';
import type { Bringing, SaidPart } from './files/attached.ts';

export type UserMessage = {
  content: string | readonly SaidPart[];
  /** The ids of files that come with it. */
  files?: readonly string[] | undefined;
  source: string;
  type: string;
  modelsUsage: Usage | null;
  metadata: Json;
};

/** What it has beside its text, if anything. */
export function bringingOf({ content, files = [] }: UserMessage): Bringing | undefined {
  const parts = typeof content === 'string' ? undefined : content;
  const hasImages = parts?.some((part) => typeof part !== 'string') ?? false;
  if (files.length === 0 && !hasImages) return undefined;
  return { parts: hasImages ? parts : undefined, files };
}

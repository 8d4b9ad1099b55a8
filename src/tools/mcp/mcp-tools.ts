// What an MCP server says of its tools, as tools of ours: what cannot be one is left out, nothing is without end.

import { z } from 'zod';
import { wellFormed } from '../../words/well-formed.ts';
import type { Tool, ToolAnnotations, ToolOverrides } from '../tool.ts';
import { safeNames } from '../tool-names.ts';
import { shortText, wellFormedJson } from '../well-formed.ts';

/** A tool as its server names it. */
export type ListedTool = Omit<Tool, 'strict'>;

/** No model is given as many; a server that has more has no list of them. */
const MOST_TOOLS = 512;
const MOST_PAGES = 64;
const LONGEST_NAME = 256;
const LONGEST_DESCRIPTION = 16_000;
/** As JSON, in UTF-16 units. */
const LONGEST_SCHEMA = 64_000;
/** Of the descriptions and schemas of all tools together. */
const LONGEST_LIST = 1024 * 1024;

const hint = z.boolean().optional().catch(undefined);
const annotations = z
  .object({
    title: z
      .string()
      .transform((title) => shortText(title, LONGEST_NAME))
      .optional()
      .catch(undefined),
    readOnlyHint: hint,
    destructiveHint: hint,
    idempotentHint: hint,
    openWorldHint: hint,
  })
  .catch({});

const record = z.record(z.string(), z.unknown());
const listedTool = z.object({
  name: z.string().min(1).max(LONGEST_NAME),
  description: z.string().catch(''),
  inputSchema: record.catch({}),
  annotations: annotations.default({}),
});

/** All tools of all pages; of those with one name the first. Rejects as `page` does. */
export async function readTools(
  page: (cursor: string | undefined) => Promise<{ tools: unknown[]; nextCursor?: string | undefined }>,
): Promise<ListedTool[]> {
  const found = new Map<string, ListedTool>();
  const asked = new Set<string | undefined>();
  let cursor: string | undefined;
  let length = 0;
  do {
    asked.add(cursor);
    const { tools, nextCursor } = await page(cursor);
    for (const item of tools) {
      const tool = readTool(item);
      if (!tool || found.size >= MOST_TOOLS || found.has(tool.name)) continue;
      length += tool.description.length + JSON.stringify(tool.parameters).length;
      found.set(
        tool.name,
        length <= LONGEST_LIST ? tool : { ...tool, description: '', parameters: anything },
      );
    }
    cursor = nextCursor;
  } while (cursor !== undefined && !asked.has(cursor) && asked.size < MOST_PAGES && found.size < MOST_TOOLS);
  return [...found.values()];
}

function readTool(item: unknown): ListedTool | undefined {
  const parsed = listedTool.safeParse(item);
  if (!parsed.success) return undefined;
  const { name, description, inputSchema, annotations } = parsed.data;
  return {
    // As it is: the server has to know it again.
    name,
    description: shortText(description, LONGEST_DESCRIPTION),
    parameters: parametersOf(inputSchema),
    annotations: given(annotations),
  };
}

function given(annotations: Partial<Record<keyof ToolAnnotations, unknown>>): ToolAnnotations {
  return Object.fromEntries(Object.entries(annotations).filter(([, value]) => value !== undefined));
}

const anything = { type: 'object', properties: {} };

/** The schema of an object, whatever the server said; one that is too long says nothing of its properties. */
function parametersOf(schema: Record<string, unknown>): Record<string, unknown> {
  const clean = record.catch({}).parse(wellFormedJson(schema));
  const parameters = {
    ...anything,
    ...clean,
    type: 'object',
    properties: record.catch({}).parse(clean.properties),
  };
  return JSON.stringify(parameters).length > LONGEST_SCHEMA ? anything : parameters;
}

/** The tools as a workbench lists them, each with the server's own name of it. */
export function nameTools(
  listed: readonly ListedTool[],
  overrides: ToolOverrides,
): (Tool & { original: string })[] {
  const names = safeNames(listed.map(({ name }) => overrides[name]?.name ?? wellFormed(name)));
  const tools = new Map<string, Tool & { original: string }>();
  listed.forEach((tool, index) => {
    const name = names[index] ?? tool.name;
    const description = overrides[tool.name]?.description ?? tool.description;
    // Two may be named alike only where the operator's file says so: the first counts.
    if (!tools.has(name)) tools.set(name, { ...tool, name, description, original: tool.name });
  });
  return [...tools.values()];
}

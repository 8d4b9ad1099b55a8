// What is known of an agent's tools: of those of MCP servers what these told, of all others what its file says.
import type { ToldTools } from '../tools/mcp/told-tools.ts';
import type { ToolAnnotations } from '../tools/tool.ts';
import type { Bilingual } from '../words/bilingual.ts';
import type { AgentDescription, ToolSource } from './agent-description.ts';
import { askUserTool } from './ask-user.ts';
import { type ApprovalRule, approvalOf } from './tool-rules.ts';

export type KnownTool = {
  name: string;
  description: string;
  /** JSON schema of the arguments, an object's. */
  parameters: Record<string, unknown>;
  annotations: ToolAnnotations;
  /** Which of its calls wait for a person. */
  approval: ApprovalRule;
};

/** `missing`: a sentence for each server that did not tell its tools. */
export type KnownTools = { tools: readonly KnownTool[]; missing: readonly Bilingual[] };

/** What all sources told, in order: of tools that are named alike the first counts. */
export function joinTold(told: readonly ToldTools[], approval: AgentDescription['approval']): KnownTools {
  const tools = new Map<string, KnownTool>();
  for (const { name, description, parameters, annotations } of told.flatMap((one) => one.tools))
    if (!tools.has(name))
      tools.set(name, { name, description, parameters, annotations, approval: approvalOf(approval, name) });
  return { tools: [...tools.values()], missing: told.flatMap(({ missing }) => missing) };
}

/** Without asking anybody: those of MCP servers are not among them. */
export function toolsOf({
  tools,
  approval,
}: Pick<AgentDescription, 'tools' | 'approval'>): readonly KnownTool[] {
  return tools.flatMap((source): KnownTool[] =>
    source.kind === 'mcp'
      ? []
      : [
          {
            name: source.name,
            description: source.description,
            parameters: parametersOf(source),
            annotations: annotationsOf(source),
            approval: approvalOf(approval, source.name),
          },
        ],
  );
}

type Known = Exclude<ToolSource, { kind: 'mcp' }>;

/** As AutoGen offers them to a model. */
function parametersOf(source: Known): Record<string, unknown> {
  if (source.kind === 'http') return source.parameters;
  if (source.kind === 'question') return askUserTool.parameters;
  const properties =
    source.kind === 'agent'
      ? { task: { description: 'The task to be executed.', title: 'Task', type: 'string' } }
      : {};
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** HTTP says what its methods do; who only answers, or only hands over, changes nothing. */
function annotationsOf(source: Known): ToolAnnotations {
  switch (source.kind) {
    case 'http':
      return methods[source.method];
    case 'agent':
      return source.agent.tools.length === 0 ? { readOnlyHint: true } : {};
    case 'question':
      return askUserTool.annotations;
    case 'handoff':
      return { readOnlyHint: true, openWorldHint: false };
  }
}

const methods: Record<Extract<ToolSource, { kind: 'http' }>['method'], ToolAnnotations> = {
  GET: { readOnlyHint: true },
  PUT: { readOnlyHint: false, idempotentHint: true },
  DELETE: { readOnlyHint: false, idempotentHint: true },
  POST: { readOnlyHint: false },
  PATCH: { readOnlyHint: false },
};

// What is known of an agent's tools without asking anybody: those of MCP servers are known only to these.
import type { AgentDescription, ToolSource } from './agent-description.ts';
import { type ApprovalRule, approvalOf } from './tool-rules.ts';

/** MCP's hints; what is left out is the worst. */
export type ToolAnnotations = {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
};

export type KnownTool = {
  name: string;
  description: string;
  /** JSON schema of the arguments, an object's. */
  parameters: Record<string, unknown>;
  annotations: ToolAnnotations;
  /** Which of its calls wait for a person. */
  approval: ApprovalRule;
};

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

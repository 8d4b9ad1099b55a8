// What AutoGen refuses of an agent's tools, and what their names would make of its rules.

import type { Reading } from '../../models/config/component.ts';
import type { ConfigPath } from '../../models/config/config-source.ts';
import { nearestName } from '../../models/config/nearest-name.ts';
import type { ChatModel } from '../../models/model.ts';
import type { ToolSource } from '../agent-description.ts';
import { ASK_USER } from '../ask-user.ts';
import { isPattern, type ToolRules } from '../tool-rules.ts';

/** Throws a ModelConfigError for tools that the model cannot be offered, or not told apart by their names. */
export function refuseUnusable(
  tools: readonly { source: ToolSource; path: ConfigPath }[],
  model: ChatModel,
  { source: file }: Reading,
): void {
  const [first] = tools;
  if (first && !model.callsTools) {
    const needed = tools.every(({ source }) => source.kind === 'handoff')
      ? ', which is needed for handoffs'
      : '';
    const way = 'model_info.function_calling says so: correct it, name another model, or leave the tools out';
    throw file.error(first.path, `The model does not support function calling${needed}. ${way}`);
  }
  const taken = new Set<string>();
  for (const { source, path } of tools) {
    if (source.kind === 'mcp') continue;
    if (source.name === ASK_USER && source.kind !== 'question')
      throw file.error(path, `${ASK_USER} is the tool that asks the person: give this one another name`);
    if (taken.has(source.name))
      throw file.error(path, `two tools of this agent are called ${source.name}: names must be unique`);
    taken.add(source.name);
  }
  for (const { source, path } of tools)
    if (source.kind === 'handoff' && taken.has(source.target))
      throw file.error(
        path,
        `a tool is called ${source.target}, as the target of this handoff is: AutoGen refuses that`,
      );
}

/** A rule for a tool that there is not holds nothing up; of MCP servers nobody knows yet what they have. */
export function warnOfUnknownTools(
  rules: ToolRules<string> | undefined,
  tools: readonly ToolSource[],
  path: ConfigPath,
  { source, warnings }: Reading,
): void {
  if (tools.some(({ kind }) => kind === 'mcp')) return;
  const names = tools.flatMap((tool) => (tool.kind === 'mcp' ? [] : [tool.name]));
  for (const { tool } of rules ?? []) {
    if (isPattern(tool) || names.includes(tool)) continue;
    const nearest = nearestName(tool, names);
    const hint = nearest ? `; did you mean ${nearest}?` : '';
    warnings.push(
      source.at(
        [...path, tool],
        `${String(path.at(-1))} names ${tool}, which is no tool of this agent${hint}`,
      ),
    );
  }
}

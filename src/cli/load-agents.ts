// Finds the agents: the files of the folder that AGENTS names, and that of MODEL_CONFIG, or the environment, or the demo.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentConfig,
  assistantName,
  ModelConfigError,
  modelFromEnvironment,
  parseModelConfig,
} from '../agent/agent-config.ts';
import type { AgentDescription } from '../agent/agent-description.ts';
import { nameFault } from '../agent/agent-name.ts';
import { parseAgentFile } from '../agent/components/agent-file.ts';
import type { ChatModel } from '../models/model.ts';
import type { Environment } from '../settings.ts';

/** The default first, the others by name; `warnings` are one line each, for the log. */
export type LoadedAgents = {
  agents: readonly [AgentDescription, ...AgentDescription[]];
  warnings: string[];
};

type Named = { agentsFolder?: string | undefined; modelConfig?: string | undefined };

const defaultFolder = './agents';
const defaultFile = './model_config.yaml';

/**
 * Each file of the folder is an agent, and the file of MODEL_CONFIG is `assistant`, unless the folder has that. The
 * environment makes one only where there is no file at all; an agent that names no model has that of MODEL_CONFIG or the
 * environment. The default is `assistant`, or else the first by name.
 * Throws ModelConfigError.
 */
export async function loadAgents(
  { agentsFolder, modelConfig }: Named,
  environment: Environment,
): Promise<LoadedAgents> {
  const file = await readModelFile(modelConfig);
  const fromFile = () => file && parseModelConfig(file.text, file.name, environment);
  const defaultModel = () => (fromFile() ?? modelFromEnvironment(environment)).model;
  const inFolder = await loadFolder(agentsFolder, environment, defaultModel);
  const warnings = inFolder.flatMap((agent) => agent.warnings);
  if (agentsFolder !== undefined && inFolder.length === 0)
    warnings.push(`AGENTS is ${JSON.stringify(agentsFolder)}, but no agent is in it`);
  const all: AgentConfig[] = [...inFolder];
  if (file && inFolder.some(({ name }) => name === assistantName))
    warnings.push(`${file.name} is not read: the agent ${assistantName} has a file of its own`);
  else if (file || all.length === 0) {
    const agent = fromFile() ?? modelFromEnvironment(environment);
    all.push(agent);
    warnings.push(...agent.warnings);
  }
  const [first, ...others] = all.toSorted(byPlace).map(({ warnings: _, ...agent }) => agent);
  if (!first) throw new ModelConfigError('there is no agent');
  return { agents: [first, ...others], warnings };
}

const place = ({ name }: AgentConfig) => (name === assistantName ? '' : name);
const byPlace = (a: AgentConfig, b: AgentConfig) => (place(a) < place(b) ? -1 : 1);

/** `named` is the file of MODEL_CONFIG; without it the default file may be missing. */
async function readModelFile(named: string | undefined): Promise<{ name: string; text: string } | undefined> {
  const file = named ?? defaultFile;
  try {
    return { name: shown(file), text: await readFile(file, 'utf8') };
  } catch (error) {
    const missing = codeOf(error) === 'ENOENT';
    if (missing && named === undefined) return undefined;
    const why = missing ? 'there is no such file' : 'the file cannot be read';
    throw new ModelConfigError(`MODEL_CONFIG is ${JSON.stringify(file)}, but ${why}`);
  }
}

/** `named` is the folder of AGENTS; without it the default folder may be missing. */
async function loadFolder(
  named: string | undefined,
  environment: Environment,
  defaultModel: () => ChatModel,
): Promise<AgentConfig[]> {
  const folder = named ?? defaultFolder;
  const files = await componentFiles(folder, named !== undefined);
  const taken = new Map<string, string>();
  const agents: AgentConfig[] = [];
  for (const file of files) {
    const path = shown(join(folder, file));
    const name = file.replace(ending, '');
    const fault = nameFault(name);
    if (fault !== undefined)
      throw new ModelConfigError(
        `${path}: an agent is called what its file is, and ${JSON.stringify(name)} ${fault}; for people to read there is label`,
      );
    // Some file systems hold only one of them.
    const other = taken.get(name.toLowerCase());
    if (other !== undefined)
      throw new ModelConfigError(`${path}: the agent of ${other} has the same name; rename one of them`);
    taken.set(name.toLowerCase(), path);
    agents.push(
      parseAgentFile(await readComponentFile(join(folder, file)), path, name, environment, defaultModel),
    );
  }
  return agents;
}

const ending = /\.(ya?ml|json)$/i;

/** Their names, in order; those that are hidden, and templates, are nobody's. */
async function componentFiles(folder: string, mustBeThere: boolean): Promise<string[]> {
  try {
    const files = await readdir(folder);
    return files
      .filter((file) => ending.test(file) && !/^\.|\.template\.\w+$/i.test(file))
      .toSorted((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    const missing = codeOf(error) === 'ENOENT';
    if (missing && !mustBeThere) return [];
    const why = missing
      ? 'there is no such folder'
      : codeOf(error) === 'ENOTDIR'
        ? 'it is no folder'
        : 'the folder cannot be read';
    throw new ModelConfigError(`AGENTS is ${JSON.stringify(folder)}, but ${why}`);
  }
}

async function readComponentFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = codeOf(error) === 'EISDIR' ? 'it is a folder' : 'the file cannot be read';
    throw new ModelConfigError(`${shown(path)}: ${why}`);
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

const shown = (path: string): string => path.replace(/^\.\//, '');

// Finds the agents: the files of the folder that AGENTS names, and that of MODEL_CONFIG, or the environment, or the demo.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentConfig,
  assistantName,
  ModelConfigError,
  modelFromEnvironment,
  parseModelConfig,
} from '../agent/agent-config.ts';
import { nameFault } from '../agent/agent-name.ts';
import { parseAgentFile } from '../agent/components/agent-file.ts';
import type { SourcedAgent, SourcedAgents } from '../agent/live-agents.ts';
import type { Environment } from '../settings.ts';

/** The default first, the others by name; `warnings` are one line each, for the log. */
export type LoadedAgents = { agents: SourcedAgents; warnings: string[] };

export type AgentFiles = { agentsFolder?: string | undefined; modelConfig?: string | undefined };

/** What is wrong with the file of an agent; without one, with the folder. */
export type FileFault = { agent: string | undefined; error: ModelConfigError };

/** What could be read, in order, and what could not. */
export type ReadAgents = { agents: SourcedAgent[]; warnings: string[]; faults: FileFault[] };

const defaultFolder = './agents';
const defaultFile = './model_config.yaml';

/** As `readAgents`; throws the first ModelConfigError. */
export async function loadAgents(files: AgentFiles, environment: Environment): Promise<LoadedAgents> {
  const { agents, warnings, faults } = await readAgents(files, environment);
  const [first, ...others] = agents;
  const fault = faults[0]?.error ?? (first ? undefined : new ModelConfigError('there is no agent'));
  if (fault || !first) throw fault;
  return { agents: [first, ...others], warnings };
}

/**
 * Each file of the folder is an agent, and the file of MODEL_CONFIG is `assistant`, unless the folder has that. The
 * environment makes one only where there is no file at all; an agent that names no model has that of MODEL_CONFIG or the
 * environment. The default is `assistant`, or else the first by name.
 */
export async function readAgents(
  { agentsFolder, modelConfig }: AgentFiles,
  environment: Environment,
): Promise<ReadAgents> {
  const faults: FileFault[] = [];
  const attempt = async <T>(
    agent: string | undefined,
    read: () => Promise<T> | T,
  ): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ModelConfigError)) throw error;
      faults.push({ agent, error });
      return undefined;
    }
  };
  const file = await attempt(assistantName, () => readModelFile(modelConfig));
  const modelFault = faults[0]?.error;
  const ofModelFile = (): AgentConfig => {
    if (modelFault) throw modelFault;
    return file ? parseModelConfig(file.text, file.name, environment) : modelFromEnvironment(environment);
  };
  const folder = agentsFolder ?? defaultFolder;
  const names = await attempt(undefined, () => componentFiles(folder, agentsFolder !== undefined));
  const taken = new Map<string, string>();
  const read: { config: AgentConfig; source: string }[] = [];
  for (const name of names ?? []) {
    const agent = name.replace(ending, '');
    const one = await attempt(agent, async () => {
      const path = shown(join(folder, name));
      refuseName(agent, path, taken);
      const text = await readComponentFile(join(folder, name));
      // An agent changes with the model that it has from there.
      let source = text;
      const config = parseAgentFile(text, path, agent, environment, () => {
        source = `${file?.text ?? ''}\0${text}`;
        return ofModelFile().model;
      });
      return { config, source };
    });
    if (one) read.push(one);
  }
  const warnings = read.flatMap(({ config }) => config.warnings);
  if (agentsFolder !== undefined && names?.length === 0)
    warnings.push(`AGENTS is ${JSON.stringify(agentsFolder)}, but no agent is in it`);
  const hasAssistant = taken.has(assistantName);
  if (file && hasAssistant)
    warnings.push(`${file.name} is not read: the agent ${assistantName} has a file of its own`);
  else if (file || names?.length === 0) {
    const config = modelFault ? undefined : await attempt(assistantName, ofModelFile);
    if (config) {
      read.push({ config, source: file?.text ?? '' });
      warnings.push(...config.warnings);
    }
  }
  const agents = read.map(({ config: { warnings: _, ...description }, source }) => ({
    ...description,
    source,
  }));
  return { agents: agents.toSorted(byPlace), warnings, faults };
}

/** What changes when one of the files does, or there are others. Where they cannot be looked at, that is it. */
export async function stampOf({ agentsFolder, modelConfig }: AgentFiles): Promise<string> {
  const folder = agentsFolder ?? defaultFolder;
  const names = await componentFiles(folder, true).catch((error: Error) => [error.message]);
  const stamps = [modelConfig ?? defaultFile, ...names.map((name) => join(folder, name))].map(
    async (path) => {
      try {
        const { ino, size, mtimeNs } = await stat(path, { bigint: true });
        return [path, ino, size, mtimeNs].join();
      } catch (error) {
        return `${path},${String(codeOf(error))}`;
      }
    },
  );
  return (await Promise.all(stamps)).join('\n');
}

const place = ({ name }: SourcedAgent) => (name === assistantName ? '' : name);
export const byPlace = (a: SourcedAgent, b: SourcedAgent): number => (place(a) < place(b) ? -1 : 1);

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

/** `taken` are the paths of the agents before it, by their names in small letters. */
function refuseName(name: string, path: string, taken: Map<string, string>): void {
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

// Finds the model: the file that MODEL_CONFIG names, or the environment, or the demo.
import { readFile } from 'node:fs/promises';
import {
  type AgentConfig,
  ModelConfigError,
  modelFromEnvironment,
  parseModelConfig,
} from '../agent/agent-config.ts';
import type { Environment } from '../settings.ts';

const defaultFile = './model_config.yaml';

/** `named` is the file of MODEL_CONFIG; without it the default file may be missing. */
export async function loadAgent(named: string | undefined, environment: Environment): Promise<AgentConfig> {
  const file = named ?? defaultFile;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && named === undefined) return modelFromEnvironment(environment);
    const why = missing ? 'there is no such file' : 'the file cannot be read';
    throw new ModelConfigError(`MODEL_CONFIG is ${JSON.stringify(file)}, but ${why}`);
  }
  return parseModelConfig(text, file.replace(/^\.\//, ''), environment);
}

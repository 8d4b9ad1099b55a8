// The environment of a command that was given a file of settings: that file, and no other.
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import type { Environment } from '../settings.ts';

/**
 * The variables that this process was given from outside, and over them those of `file`. What Bun itself read from
 * `.env` and its kind is left out. Throws an Error with a sentence when the file cannot be read.
 */
export async function namedEnvironment(file: string): Promise<Environment> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`The file ${file}, given with --env, cannot be read.`);
  });
  const found = await withoutEnvFiles(process.env);
  return { ...found, ...parseEnv(text) };
}

// What Bun needs to start, and what tells it which files to read.
const ofBun = /^(PATH|HOME|SYSTEMROOT|TEMP|TMP|NODE_ENV|BUN_\w+)$/i;

// Bun mixes the files into the environment before any code runs. Another Bun, asked here, tells what they hold:
// first which names, without any value that they could build upon, then with which values.
async function withoutEnvFiles(environment: Environment): Promise<Environment> {
  const bare = pick(environment, (name) => ofBun.test(name));
  const names = new Set(Object.keys(await environmentOf(bare)).filter((name) => !(name in bare)));
  const fromFiles = await environmentOf(pick(environment, (name) => !names.has(name)));
  return pick(environment, (name) => !names.has(name) || environment[name] !== fromFiles[name]);
}

async function environmentOf(env: Environment): Promise<Environment> {
  const command = [process.execPath, ...process.execArgv, '-p', 'JSON.stringify(process.env)'];
  const child = Bun.spawn(command, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(await new Response(child.stdout).text());
}

function pick(environment: Environment, wanted: (name: string) => boolean): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => wanted(name)));
}

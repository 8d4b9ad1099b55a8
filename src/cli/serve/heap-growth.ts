// How far the server's heap grows before its garbage is collected. Imports nothing that is not in Bun.
import { beginAgainHere } from '../begin-again.ts';

/**
 * On a machine with 16 GB or more, Bun lets a heap grow to three times what it holds, on others to twice that, and
 * collects a small one often. With these a heap grows by two fifths, and one of less than 64 MB to that: a thousand
 * streams take less than half of the memory for three hundredths more processor time, and turns cost what they did.
 */
export const heapGrowthOptions = {
  BUN_JSC_heapGrowthMaxIncrease: '0.4',
  BUN_JSC_heapGrowthFunctionThresholdInMB: '0',
  BUN_JSC_largeHeapSize: String(64 * 1024 * 1024),
};

/** What makes Bun wait for a debugger, or write profiles: not for a process that is only asked something. */
const toolVariables = /^BUN_(OPTIONS|INSPECT)/;

/**
 * Begins this process again with `options` of JavaScriptCore, which are read before any code runs. Returns where that
 * cannot be, and where somebody has a say in it: by one of them in the environment, with a debugger, or as a parent who
 * keeps a channel open.
 */
export function limitHeapGrowth(options: Record<string, string> = heapGrowthOptions): void {
  const given = Object.keys(process.env);
  const isSaid = given.some((name) => name in options || toolVariables.test(name));
  if (isSaid || process.send || process.execArgv.some((flag) => flag.startsWith('--inspect'))) return;
  try {
    if (isKnown(options)) beginAgainHere(options);
  } catch {
    // It is a saving, and no reason not to start.
  }
}

/** They are no stable interface, and Bun does not start with an option that it does not know: it is asked first. */
const isKnown = (options: Record<string, string>): boolean =>
  Bun.spawnSync([process.execPath, '-e', '0'], {
    env: { ...process.env, ...options },
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 5000,
  }).success;

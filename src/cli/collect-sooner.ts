// How the server's garbage is collected. Imports nothing that is not in Bun.
import { beginAgain, staysTheSame } from './begin-again.ts';

/**
 * On a machine with 16 GB or more, JavaScriptCore lets a heap grow to three times what it holds before it looks what can
 * go. With these a heap grows by two fifths, on any machine, and one of less than 64 MB to that: a thousand streams take
 * less than half of the memory for three hundredths more processor time, and turns cost what they did.
 */
export const collectorOptions = {
  BUN_JSC_heapGrowthMaxIncrease: '0.4',
  BUN_JSC_heapGrowthFunctionThresholdInMB: '0',
  BUN_JSC_largeHeapSize: String(64 * 1024 * 1024),
};

/**
 * Begins this process again with `options` of JavaScriptCore, which are read before any code runs, unless its
 * environment says something of one of them.
 */
export async function collectSooner(options: Record<string, string> = collectorOptions): Promise<void> {
  const isSaid = Object.keys(options).some((name) => process.env[name] !== undefined);
  if (isSaid || !staysTheSame) return;
  // They are no stable interface, and Bun does not start with one that it does not know: this one is asked first.
  const asked = Bun.spawnSync([process.execPath, '-e', '0'], {
    env: { ...process.env, ...options },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  if (asked.success) await beginAgain(options);
}

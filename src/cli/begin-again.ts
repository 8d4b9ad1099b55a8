// Begins a command again with more in its environment: for what Bun settles before any code runs.
// Imports nothing that is not in Bun.

const command = () => [process.execPath, ...process.execArgv, ...process.argv.slice(1)];

/**
 * Begins this command anew in this same process, with `variables` added to its environment. Returns, or throws, only
 * where that cannot be.
 */
export function beginAgainHere(variables: Record<string, string>): void {
  if (process.platform === 'win32') return;
  process.execve?.(process.execPath, command(), { ...process.env, ...variables });
}

/** The same, if need be in another process, which this one waits for. */
export async function beginAgain(variables: Record<string, string>): Promise<never> {
  try {
    beginAgainHere(variables);
  } catch {}
  const child = Bun.spawn(command(), {
    env: { ...process.env, ...variables },
    stdio: ['inherit', 'inherit', 'inherit'],
  });
  // A terminal sends its Ctrl-C to both processes, so only what reaches this one alone is passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  process.exit(await child.exited);
}

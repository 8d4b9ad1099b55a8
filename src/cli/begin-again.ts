// Begins a command again with more in its environment: for what Bun settles before any code runs. Imports nothing that is
// not in Bun.

/** Whether the new beginning is the same process, or one that this one waits for. */
export const staysTheSame = process.execve !== undefined && process.platform !== 'win32';

/** Begins this command anew, with `variables` added to its environment. Does not return. */
export async function beginAgain(variables: Record<string, string>): Promise<never> {
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, ...variables };
  if (staysTheSame) process.execve?.(process.execPath, command, env);
  const child = Bun.spawn(command, { env, stdio: ['inherit', 'inherit', 'inherit'] });
  // A terminal sends its Ctrl-C to both processes, so only what reaches this one alone is passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exit(await child.exited);
}

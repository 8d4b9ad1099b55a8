/**
 * How a command begins: with its packages in place. Imports nothing that is not in Bun.
 */
import { ensureInstalled, type InstallMode } from './install.ts';

/** Set for the second process, so that it never installs again, even where no stamp can be written. */
const marker = 'AGENTCHAT_JUST_INSTALLED';

/**
 * Installs the packages if they are missing, then runs the command: in this process, or in a new one where
 * they were only just installed. `run` imports what needs them.
 */
export async function withPackages(
  run: () => Promise<unknown>,
  mode: InstallMode = 'production',
): Promise<void> {
  const justInstalled = process.env[marker] === '1';
  delete process.env[marker];
  if (justInstalled || (await ensureInstalled(mode)) === 'present') {
    await run();
    return;
  }
  // Bun remembers that node_modules was missing when this process began, so the command needs a new one.
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, [marker]: '1' };
  if (process.execve && process.platform !== 'win32') process.execve(process.execPath, command, env);
  const child = Bun.spawn(command, { env, stdio: ['inherit', 'inherit', 'inherit'] });
  // A terminal sends its Ctrl-C to both processes, so only what reaches this one alone is passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exit(await child.exited);
}

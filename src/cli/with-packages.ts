/**
 * How a command begins: with its packages in place. Imports nothing that is not in Bun.
 */
import { beginAgain } from './begin-again.ts';
import { ensureInstalled } from './install.ts';
import type { InstallMode } from './installed-stamp.ts';

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
  await beginAgain({ [marker]: '1' });
}

// A copy of the project, for commands that write into it.
import { cp, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repoRoot } from '../cli/install.ts';

const parts = ['src', 'migrations', 'package.json', 'bun.lock', 'drizzle.config.ts', 'tsconfig.json'];

/** The folder of the copy, which the caller removes. The packages are the project's own. */
export async function copyProject(): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), 'agentchat-project-'));
  for (const name of parts) await cp(join(repoRoot, name), join(project, name), { recursive: true });
  await symlink(join(repoRoot, 'node_modules'), join(project, 'node_modules'));
  return project;
}

/** For its commands: through the link to the packages, nothing may be installed. */
export const installed = { AGENTCHAT_JUST_INSTALLED: '1' };

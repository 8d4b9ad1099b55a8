// The project's commands as processes of their own, for tests of what they say and how they end.

export interface CommandOptions {
  /** The working directory, which is HOME too. */
  cwd: string;
  /** Settings on top of PATH and HOME: no developer's own reach the command. */
  env?: Record<string, string>;
  /** Lets Bun read the `.env` files in `cwd`. Default false. */
  envFiles?: boolean;
}

export interface CommandEnd {
  code: number;
  /** Standard output, and standard error: trimmed. */
  out: string;
  err: string;
}

/** Runs a script and its arguments on this Bun, with nobody to type, and waits for the end. */
export async function runCommand(
  command: readonly string[],
  { cwd, env = {}, envFiles = false }: CommandOptions,
): Promise<CommandEnd> {
  const child = Bun.spawn([process.execPath, ...(envFiles ? [] : ['--no-env-file']), ...command], {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd, ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out: out.trim(), err: err.trim() };
}

// What began the server for somebody and stands between the two (`bun run`, `npm`, `npx`): the server does not outlive
// it, for it could not be stopped from there any more. Imports nothing that is not in Bun.
import { existsSync, readFileSync } from 'node:fs';

/** The process ids of those who stand between, in the environment: this process may begin again before it serves. */
const variable = 'AGENTCHAT_STARTERS';

/** A process above this one, and its command line. */
export type Ancestor = { pid: number; command: string };

const lookMs = 500;

/** Remembers who began this process. To be called before anything else: one who is gone already is not to be found. */
export function rememberStarters(): void {
  // Set by every tool that runs scripts.
  if (process.env.npm_lifecycle_event === undefined || process.env[variable] !== undefined) return;
  try {
    process.env[variable] = startersOf(ancestors()).join(',');
  } catch {
    // Who they are cannot be told here: then only a signal stops the server.
  }
}

/** Calls `then` once when one of them is gone. */
export function whenStarterEnds(then: () => void): void {
  const starters = (process.env[variable] ?? '').split(',').filter(Boolean).map(Number);
  delete process.env[variable];
  if (starters.length === 0) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent && starters.every(isThere)) return;
    clearInterval(timer);
    then();
  }, lookMs);
  timer.unref();
}

/**
 * Those, nearest first, that run scripts, and the shells that they use for it. Whoever called the first of them, such
 * as a person's shell or a service manager, may end without the server.
 */
export function startersOf(ancestors: readonly Ancestor[]): number[] {
  const starters: number[] = [];
  let shells: number[] = [];
  for (const { pid, command } of ancestors) {
    if (runsStart(command)) {
      starters.push(...shells, pid);
      shells = [];
    } else if (/^\S*sh -c /.test(command)) shells.push(pid);
    else break;
  }
  return starters;
}

const tools = /^(?:.*[/\\])?(npm|npx|pnpm|pnpx|yarn|bunx|bun)(?:-cli)?(?:\.\w+)?$/;

/** Whether the command is one of a tool that runs scripts, and what it runs is this server. */
function runsStart(command: string): boolean {
  const words = command.trim().split(/\s+/);
  const at = /(?:^|[/\\])node(?:\.exe)?$/.test(words[0] ?? '') ? 1 : 0;
  const tool = tools.exec(words[at] ?? '')?.[1];
  if (tool === undefined) return false;
  const said = words.slice(at + 1);
  // Bun runs files and tests too.
  if (tool === 'bun' && !said.some((word) => /^(run|x|start)$/.test(word))) return false;
  return said.some((word) => /(?:^|[/\\])start(?:\.ts)?$/.test(word));
}

/** All processes above this one, nearest first. */
function ancestors(): Ancestor[] {
  const parentAndCommand = existsSync('/proc/self/stat') ? inProc : listed();
  const above: Ancestor[] = [];
  for (let pid = process.ppid; pid > 0 && above.length < 32; ) {
    const [parent, command] = parentAndCommand(pid);
    above.push({ pid, command });
    pid = parent;
  }
  return above;
}

function inProc(pid: number): [parent: number, command: string] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field, a name in brackets, may hold anything.
  const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  return [parent, readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
}

function listed(): typeof inProc {
  const { stdout } = Bun.spawnSync(['ps', '-A', '-o', 'pid=,ppid=,args=']);
  const all = new Map<number, [number, string]>();
  for (const line of stdout.toString().split('\n')) {
    const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    all.set(Number(pid), [Number(parent), command]);
  }
  return (pid) => all.get(pid) ?? [0, ''];
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // One of another user's, as with sudo, is there all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

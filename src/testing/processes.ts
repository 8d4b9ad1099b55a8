// Other processes, as tests see them from outside.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The ids of a process's children. */
export function childrenOf(pid: number): number[] {
  return processes()
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child);
}

/** Those of its children and of theirs. */
export const descendantsOf = (pid: number): number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

/** Each process and its parent: from /proc, or where there is none from `ps`. */
function processes(): [number, number][] {
  if (existsSync('/proc/self/stat')) {
    return readdirSync('/proc').flatMap((name) => {
      const parent = /^\d+$/.test(name) ? parentIn(name) : undefined;
      return parent === undefined ? [] : [[Number(name), parent] as [number, number]];
    });
  }
  const ps = Bun.spawnSync(['ps', '-A', '-o', 'pid=,ppid=']);
  const lines = ps.stdout.toString().trim().split('\n');
  return lines.flatMap((line) => {
    const [child = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    return child === ps.pid ? [] : [[child, parent] as [number, number]];
  });
}

/** The fourth field; the second, a name in brackets, may hold anything. Undefined when it has just ended. */
function parentIn(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** Whether the process exists, even as one whose end nobody has asked about yet. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Looks every 20 ms; false when it did not come true in time. */
export async function eventually(is: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await Bun.sleep(20)) {
    if (await is()) return true;
  }
  return false;
}

// Ends the processes that we started when we are killed and cannot do it ourselves: each has a shell beside it that waits for
// the end of a pipe of which only we hold the other side. It ends them as we would, and those that they started too.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const shell = '/bin/sh';

/** Their input ends with ours, which most heed; then they are asked, and then killed. */
const script = `
read -r group || exit 0
read -r _
sleep 1
kill -s TERM -- "-$group"
sleep 1
kill -s KILL -- "-$group"
`;

export type OrphanGuard = {
  /** The group of processes to end. */
  watch(group: number): void;
  /** Nothing is left to guard. */
  release(): void;
};

const noGuard: OrphanGuard = { watch: () => {}, release: () => {} };

/** To be made before what it guards. None where there is no shell and there are no groups, as on Windows. */
export function createOrphanGuard(): OrphanGuard {
  if (process.platform === 'win32' || !existsSync(shell)) return noGuard;
  // In a session of its own, which no terminal ends.
  const guard = spawn(shell, ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  // Without it what it guards runs all the same.
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  return {
    watch: (group) => void guard.stdin.write(`${group}\n`),
    release: () => void guard.kill('SIGKILL'),
  };
}

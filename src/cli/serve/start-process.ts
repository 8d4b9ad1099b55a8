// Starts processes for MCP servers: with few of our variables, in a group of their own, and gone when they are told to go, or we are.
import { type ChildProcess, spawn } from 'node:child_process';
import { sleep } from '../../sleep.ts';
import type { StartProcess } from '../../tools/mcp/mcp-parts.ts';
import { createOrphanGuard } from './orphan-guard.ts';

const isWindows = process.platform === 'win32';

/** What a program needs to run at all, as AutoGen hands it on. Our keys and addresses are not among it. */
const inherited = isWindows
  ? ['APPDATA', 'HOMEDRIVE', 'HOMEPATH', 'LOCALAPPDATA', 'PATH', 'PATHEXT', 'PROCESSOR_ARCHITECTURE'].concat([
      'SYSTEMDRIVE',
      'SYSTEMROOT',
      'TEMP',
      'USERNAME',
      'USERPROFILE',
    ])
  : ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];

/** How long a process is given: once its input has ended, and again once it was asked to end. */
const PATIENCE_MS = 1000;
/** Of what it complained of, the end. */
const COMPLAINTS_LENGTH = 2000;

export const startProcess: StartProcess = async ({ command, args, env, cwd }) => {
  const guard = createOrphanGuard();
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...Object.fromEntries(inherited.map((name) => [name, process.env[name]])), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // So that what it starts, as `npx` does, can be ended with it.
    detached: !isWindows,
    windowsHide: true,
  });
  if (child.pid !== undefined) guard.watch(child.pid);
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  }).catch((error: unknown) => {
    guard.release();
    throw error;
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  let complaints = '';
  child.stderr.on('error', () => {});
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-COMPLAINTS_LENGTH);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });

  return {
    output: child.stdout,
    write: (text) =>
      new Promise((resolve, reject) => {
        child.stdin.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    ended,
    complaints: () => complaints,
    async stop() {
      child.stdin.end();
      await Promise.race([ended, sleep(PATIENCE_MS)]);
      if (isRunning(child)) {
        signal(child, 'SIGTERM');
        await Promise.race([ended, sleep(PATIENCE_MS)]);
      }
      // Also what it left behind.
      signal(child, 'SIGKILL');
      await ended;
      guard.release();
    },
  };
};

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

function signal(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // Nothing is left of it.
  }
}

// Whether this process is to outlive its terminal, as `nohup` asks: then a hang-up (SIGHUP) is to end nothing.
import { existsSync, readFileSync } from 'node:fs';

const status = '/proc/self/status';

/** To be asked before anything handles the signal. */
export function outlivesTerminal(): boolean {
  // Elsewhere it cannot be told; but `nohup` leaves no output at a terminal.
  if (!existsSync(status)) return !process.stdout.isTTY && !process.stderr.isTTY;
  const [, ignored = ''] = /^SigIgn:\s*([\da-f]+)$/m.exec(readFileSync(status, 'utf8')) ?? [];
  // SIGHUP is the first signal, the lowest bit.
  return /[13579bdf]$/.test(ignored);
}

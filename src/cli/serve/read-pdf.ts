// Reads PDFs in a process of its own for each: whatever is in one, it takes no longer, and no more memory, than it may.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ReadPdf } from '../../documents/read-document.ts';

const mostMs = 15_000;
const mostBytes = 1024 ** 3;
const watchMs = 100;
const mostOutput = 8 * 1024 * 1024;

const answer = z.object({ text: z.string(), cut: z.boolean() });

/** Undefined where it is no PDF that can be read, or none that can be read so soon. */
export const readPdf: ReadPdf = (bytes) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--no-env-file', join(import.meta.dir, 'pdf-text.ts')], {
      // It needs none of our settings, and is to know none of our keys.
      env: {},
      cwd: tmpdir(),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const stop = () => child.kill('SIGKILL');
    const deadline = setTimeout(stop, mostMs);
    const watch = setInterval(async () => {
      if ((await residentBytes(child.pid)) > mostBytes) stop();
    }, watchMs);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > mostOutput) stop();
    });
    child.stdin.on('error', () => {});
    child.stdin.end(bytes);
    child.on('error', () => {});
    child.on('close', () => {
      clearTimeout(deadline);
      clearInterval(watch);
      resolve(parsed(output));
    });
  });

function parsed(output: string) {
  try {
    return answer.parse(JSON.parse(output));
  } catch {
    // It ended before it had read it.
    return undefined;
  }
}

/** 0 where the system does not say. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const told = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(told.split(' ')[1] ?? 0) * 4096;
}

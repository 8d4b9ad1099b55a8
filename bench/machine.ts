// What the figures were measured on.
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { findPostgresBinaries } from '../src/testing/postgres-server.ts';

export type Machine = {
  processor: string;
  cores: number;
  memoryGb: number;
  system: string;
  bun: string;
  postgres: string;
};

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: said(['uname', '-sr']),
    bun: Bun.version,
    postgres: said([join(findPostgresBinaries() ?? '', 'postgres'), '--version']).replace(
      /^postgres \(PostgreSQL\) /,
      '',
    ),
  };
}

export const machineLine = ({ processor, cores, memoryGb, system, bun, postgres }: Machine): string =>
  `${cores} cores (${processor}), ${memoryGb} GB, ${system}, Bun ${bun}, PostgreSQL ${postgres}`;

function said(command: string[]): string {
  try {
    return Bun.spawnSync(command, { stderr: 'ignore' }).stdout.toString().trim();
  } catch {
    return 'unknown';
  }
}

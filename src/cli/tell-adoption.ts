// What a person is told while a database of the FastAPI application is adopted.
import type { MigrateOptions } from '../db/migrate.ts';

/** How often a long copy says how far it is. */
const tellMs = 2000;

/** Says it line by line to `tell`; `description` names the database without its password. */
export function tellAdoption(
  description: string,
  tell: (line: string) => void,
): Required<Pick<MigrateOptions, 'onAdopt' | 'onProgress'>> {
  let toldAt = performance.now();
  return {
    onAdopt: ({ revision, sessions, messages }) => {
      tell(
        `This is a database of the FastAPI application (Alembic revision ${revision}), with ${counted(sessions)} sessions and ${counted(messages)} messages.`,
      );
      tell(
        'They are copied into AgentChat’s tables now, all of them or none. The old tables stay as they are, in the schema fastapi.',
      );
      tell(
        `For a backup of your own, stop this now (Ctrl-C changes nothing) and run: pg_dump ${description} > backup.sql`,
      );
    },
    onProgress: (done, all) => {
      if (performance.now() - toldAt < tellMs) return;
      toldAt = performance.now();
      tell(`${counted(done)} of ${counted(all)} messages copied`);
    },
  };
}

const counted = (count: number): string => count.toLocaleString('en');

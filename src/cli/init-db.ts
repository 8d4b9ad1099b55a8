// `bun run init-db`: the command, with its packages installed first where they are missing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from './install.ts';
import { withPackages } from './with-packages.ts';

// Writing the first migration is development: drizzle-kit is not among the packages of a server.
const develops = !['migrations/meta/_journal.json', 'src/cli/migrations/migrations-copy.json'].some((file) =>
  existsSync(join(repoRoot, file)),
);

await withPackages(() => import('./migrations/init-db-command.ts'), develops ? 'all' : 'production');

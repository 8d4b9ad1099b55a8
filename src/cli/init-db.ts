// `bun run init-db`: the command, with its packages installed first where they are missing.
import { withPackages } from './with-packages.ts';

await withPackages(() => import('./init-db-command.ts'));

// `bun run start`: the server, with its packages installed first where they are missing.
import { collectSooner } from './collect-sooner.ts';
import { withPackages } from './with-packages.ts';

await collectSooner();
await withPackages(() => import('../main.ts'));

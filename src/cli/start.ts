// `bun run start`: the server, in a process whose heap grows as it should, with its packages installed first where they
// are missing.
import { limitHeapGrowth } from './serve/heap-growth.ts';
import { rememberStarters } from './serve/starter.ts';
import { withPackages } from './with-packages.ts';

rememberStarters();
limitHeapGrowth();
await withPackages(() => import('../main.ts'));

// `bun run bench`: the benchmarks, with what the server needs installed first where it is missing.
import { withPackages } from '../src/cli/with-packages.ts';

await withPackages(() => import('./run.ts'));

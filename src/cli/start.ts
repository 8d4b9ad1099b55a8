// `bun run start`: the server, with its packages installed first where they are missing.
import { withPackages } from './with-packages.ts';

await withPackages(() => import('../main.ts'));

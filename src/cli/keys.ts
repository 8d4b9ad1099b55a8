// `bun run keys …`: the commands of keys, with their packages installed first where they are missing.
import { withPackages } from './with-packages.ts';

await withPackages(() => import('./access/keys-command.ts'));

// `bun run limits …`: the commands of limits, with their packages installed first where they are missing.
import { withPackages } from './with-packages.ts';

await withPackages(() => import('./access/limits-command.ts'));

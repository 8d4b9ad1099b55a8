// `bun run sign-ins …`: the commands of sign-ins, with their packages installed first where they are missing.
import { withPackages } from './with-packages.ts';

await withPackages(() => import('./access/sign-ins-command.ts'));

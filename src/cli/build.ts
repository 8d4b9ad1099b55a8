// `bun run build`: the chat page's files, with the packages installed first where they are missing.
import { withPackages } from './with-packages.ts';

await withPackages(() => import('./build-command.ts'));

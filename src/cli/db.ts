// `bun run db:…`: the commands of the migrations, with their packages installed first where they are missing.
import { withPackages } from './with-packages.ts';

// Writing a migration is development: drizzle-kit is not among the packages of a server.
const develops = process.argv[2] === 'generate' && !process.argv.includes('--help');

await withPackages(() => import('./migrations/command.ts'), develops ? 'all' : 'production');

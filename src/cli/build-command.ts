// Builds the chat page, so that a deployment starts with it in place.
import { relative } from 'node:path';
import { repoRoot } from './install.ts';
import { keptOrBuilt } from './serve/page-files.ts';

try {
  const { built, folder, files } = await keptOrBuilt();
  const size = [...files.values()].reduce((sum, { body, gzip }) => sum + (gzip ?? body).length, 0);
  const what = `${files.size} files, ${Math.round(size / 1024)} KB compressed`;
  console.log(`${built ? 'Built' : 'Up to date'}: ${relative(repoRoot, folder)} (${what})`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

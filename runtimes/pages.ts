// The pages as `bun run build` has left them, for Node and Deno.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Asset, Assets } from '../src/http/parts.ts';
import { assetOf } from '../src/http/routes/assets.ts';

/** `folder`: that in which the build is. None where there is no build. */
export async function builtPages(folder: string): Promise<Assets> {
  const pages = new Map<string, Asset>();
  const builds = existsSync(folder) ? readdirSync(folder) : [];
  const build = builds.map((name) => join(folder, name)).find((path) => existsSync(join(path, 'index.html')));
  for (const name of build ? readdirSync(build) : []) {
    if (build === undefined || name.endsWith('.gz')) continue;
    const read = (path: string) => new Uint8Array(readFileSync(join(build, path)));
    const gzip = existsSync(join(build, `${name}.gz`)) ? { gzip: read(`${name}.gz`) } : {};
    pages.set(name, await assetOf(name, { body: read(name), ...gzip }));
  }
  return async (path) => pages.get(path);
}

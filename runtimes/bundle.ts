// Makes one file of an entry, for runtimes that do not run the sources: `bun runtimes/bundle.ts node` writes
// dist/node.js, `bun runtimes/bundle.ts workerd` dist/workerd.js.
import { join } from 'node:path';

const targets = {
  // Packages stay in node_modules: PGlite finds its own files beside itself.
  node: { target: 'node', packages: 'external' },
  workerd: { target: 'browser', conditions: ['workerd'], external: ['node:*', 'cloudflare:*'] },
} satisfies Record<string, Partial<Bun.BuildConfig>>;

export type Target = keyof typeof targets;

export const isTarget = (name: string | undefined): name is Target => name !== undefined && name in targets;

/** Gives the path of the file. */
export async function bundle(name: Target, folder = join(import.meta.dir, '..', 'dist')): Promise<string> {
  const entrypoints = [join(import.meta.dir, `${name}.ts`)];
  await Bun.build({ ...targets[name], entrypoints, format: 'esm', outdir: folder, throw: true });
  return join(folder, `${name}.js`);
}

if (import.meta.main) {
  const name = process.argv[2];
  if (!isTarget(name)) throw new Error(`name one of: ${Object.keys(targets).join(', ')}`);
  console.log(await bundle(name));
}

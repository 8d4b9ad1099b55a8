// Bundles the pages: the sources in static/ become files with hashed names, and the pages that refer to them.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { repoRoot } from '../install.ts';

/** One file of the pages. `gzip` is the same bytes compressed, where that is worth it. */
export type PageFile = { body: Uint8Array<ArrayBuffer>; gzip?: Uint8Array<ArrayBuffer> };
/** By their names below `/static/`; the pages themselves are `index.html`, the chat, `admin.html` and `reference.html`. */
export type PageFiles = Map<string, PageFile>;

const staticFolder = join(repoRoot, 'static');
/** Served under their own names, as they are. */
const plainFolder = join(staticFolder, 'plain');
/** The pages, and what each names. */
const pages = {
  'index.html': { script: './main.tsx', style: './style/page.css' },
  'admin.html': { script: './admin/main.tsx', style: './admin/admin.css' },
  'reference.html': { script: './reference/reference.tsx', style: './reference/reference.css' },
};
type Entries = { script: string; style: string };

/** Bundles in memory, in a blink and without a network; throws with the first thing that is wrong. */
export async function buildPage(): Promise<PageFiles> {
  const files: PageFiles = new Map();
  for (const name of await readdir(plainFolder))
    files.set(name, await pageFile(Bun.file(join(plainFolder, name))));
  const head = await readFile(join(staticFolder, 'head.html'), 'utf8');
  for (const [page, entries] of Object.entries(pages)) {
    // Each by itself: what pages shared would be a file of its own, which a browser learns of late.
    const { outputs } = await bundle(entries);
    for (const output of outputs) files.set(nameOf(output), await pageFile(output));
    const [script] = outputs.filter(({ kind }) => kind === 'entry-point').map(nameOf);
    const [style] = outputs.map(nameOf).filter((name) => name.endsWith('.css'));
    if (script === undefined || style === undefined)
      throw new Error(`The page ${page} was built without its script or style.`);
    const template = await readFile(join(staticFolder, page), 'utf8');
    const text = template
      .replace('<!-- head.html -->', () => head.trim())
      .replace(entries.style, () => `./static/${style}`)
      .replace(entries.script, () => `./static/${script}`);
    files.set(page, await pageFile(new Blob([text])));
  }
  return files;
}

async function bundle(entries: Entries): Promise<Bun.BuildOutput> {
  const built = await Bun.build({
    entrypoints: [entries.script, entries.style].map((path) => join(staticFolder, path)),
    target: 'browser',
    format: 'esm',
    splitting: true,
    minify: true,
    env: 'disable',
    define: { 'process.env.NODE_ENV': '"production"' },
    publicPath: './',
    naming: { entry: '[name]-[hash].[ext]', chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
    throw: false,
  });
  if (built.success) return built;
  const [first] = built.logs;
  const where = first?.position ? ` (${relative(repoRoot, first.position.file)}:${first.position.line})` : '';
  throw new Error(`The pages could not be built: ${first?.message ?? 'unknown error'}${where}.`);
}

const nameOf = ({ path }: Bun.BuildArtifact): string => path.replace(/^\.\//, '');

async function pageFile(source: Blob): Promise<PageFile> {
  const body = new Uint8Array(await source.arrayBuffer());
  const gzip = new Uint8Array(gzipSync(body, { level: 9 }));
  return gzip.length < body.length * 0.95 ? { body, gzip } : { body };
}

/** What the page is made of, as one hash: another one means that it has to be built again. */
export async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256').update(Bun.version);
  const paths = await readdir(staticFolder, { recursive: true, withFileTypes: true });
  const files = paths.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of [...files, join(repoRoot, 'bun.lock')].sort()) {
    hash.update(`\0${relative(repoRoot, path)}\0`);
    hash.update(await readFile(path).catch(() => 'missing'));
  }
  return hash.digest('hex').slice(0, 16);
}

// Static files: the built page from memory, the API reference's from its package.
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Assets } from '../http/parts.ts';
import { pageFiles } from './page-files.ts';

// Of the reference page's package only what the page loads is served.
const referenceFiles = new Set(['swagger-ui.css', 'swagger-ui-bundle.js']);
const hashedName = /-[0-9a-z]{8}\.\w+$/;

export const diskAssets: Assets = (folder, path) =>
  folder === 'static' ? pageAsset(path) : referenceAsset(path);

async function pageAsset(path: string) {
  const file = (await pageFiles()).get(path);
  if (!file) return undefined;
  return {
    ...file,
    type: Bun.file(path).type,
    tag: `"${Bun.hash(file.body).toString(36)}"`,
    lasting: hashedName.test(path),
  };
}

async function referenceAsset(path: string) {
  if (!referenceFiles.has(path)) return undefined;
  const root = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
  const full = resolve(root, path);
  if (!full.startsWith(root + sep)) return undefined;
  const file = Bun.file(full);
  if (!(await file.exists())) return undefined;
  const tag = `"${file.size.toString(36)}-${file.lastModified.toString(36)}"`;
  return { body: file, type: file.type, tag, lasting: false };
}

// Static files from the disk.
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Assets } from '../http/parts.ts';

const staticFolder = resolve(import.meta.dir, '..', '..', 'static');
// Of the reference page's package only what the page loads is served.
const referenceFiles = new Set(['swagger-ui.css', 'swagger-ui-bundle.js']);

export const diskAssets: Assets = async (folder, path) => {
  if (folder === 'reference' && !referenceFiles.has(path)) return undefined;
  const root =
    folder === 'static'
      ? staticFolder
      : dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
  const full = resolve(root, path);
  if (!full.startsWith(root + sep) || path.includes('\0')) return undefined;
  const file = Bun.file(full);
  if (!(await file.exists())) return undefined;
  return {
    body: file,
    type: file.type,
    tag: `"${file.size.toString(36)}-${file.lastModified.toString(36)}"`,
  };
};

// Static files: the built pages, from memory.
import type { Assets } from '../http/parts.ts';
import { pageFiles } from './page-files.ts';

const hashedName = /-[0-9a-z]{8}\.\w+$/;

export const diskAssets: Assets = async (path) => {
  const file = (await pageFiles()).get(path);
  if (!file) return undefined;
  return {
    ...file,
    type: Bun.file(path).type,
    tag: `"${Bun.hash(file.body).toString(36)}"`,
    lasting: hashedName.test(path),
  };
};

// Static files: the built pages, from memory.
import { assetOf } from '../../http/assets.ts';
import type { Assets } from '../../http/parts.ts';
import { pageFiles } from './page-files.ts';

export const diskAssets: Assets = async (path) => {
  const file = (await pageFiles()).get(path);
  return file && assetOf(path, file);
};

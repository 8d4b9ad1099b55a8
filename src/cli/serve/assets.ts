// Static files: the built pages, from memory.

import type { Asset, Assets } from '../../http/parts.ts';
import { assetOf } from '../../http/routes/assets.ts';
import { pageFiles } from './page-files.ts';

// Made when first asked for: the tag is a digest of the whole file.
const assets = new Map<string, Promise<Asset>>();

export const diskAssets: Assets = async (path) => {
  const file = (await pageFiles()).get(path);
  if (!file) return undefined;
  const asset = assets.get(path) ?? assetOf(path, file);
  assets.set(path, asset);
  return asset;
};

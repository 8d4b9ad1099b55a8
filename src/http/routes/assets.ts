// What a file of the pages is served with, whatever it was read from.
import type { Asset } from '../parts.ts';

const hashedName = /-[0-9a-z]{8}\.\w+$/;

const types: Record<string, string> = {
  css: 'text/css;charset=utf-8',
  html: 'text/html;charset=utf-8',
  js: 'text/javascript;charset=utf-8',
  json: 'application/json;charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain;charset=utf-8',
  woff2: 'font/woff2',
};

/** `path`: its name below `/static/`. */
export async function assetOf(
  path: string,
  file: { body: Uint8Array<ArrayBuffer>; gzip?: Uint8Array<ArrayBuffer> },
): Promise<Asset> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', file.body));
  return {
    ...file,
    type: types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    tag: `"${[...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}"`,
    lasting: hashedName.test(path),
  };
}

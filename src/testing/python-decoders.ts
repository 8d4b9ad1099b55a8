// The decoders of server-sent events that Python programs use, installed for the tests where that is possible.
import { join } from 'node:path';
import { output, pythonPackages } from './python-packages.ts';

const packages = [
  'httpx-sse==0.4.3',
  'httpx==0.28.1',
  'sseclient-py==1.9.0',
  'aiohttp-sse-client==0.2.1',
  'aiohttp==3.14.5',
  'openai==3.57.0',
];

/** An event as a decoder gave it. */
export type Decoded = { event: string; id: string; data: string };

/** `read` has each decoder read `url` at once, by their names; or why they are not there. */
export type PythonDecoders =
  | { read: (url: string) => Promise<Record<string, Decoded[]>>; missing?: undefined }
  | { missing: string };

/** Finds or installs them. */
export async function pythonDecoders(): Promise<PythonDecoders> {
  const found = await pythonPackages('decoders', packages);
  if (found.missing !== undefined) return { missing: found.missing };
  const { python, folder } = found;
  return {
    async read(url) {
      const printed = await output([python, join(import.meta.dir, 'decoders.py'), url], {
        PYTHONPATH: folder,
      });
      const read: Record<string, [string, string, string][]> = JSON.parse(printed ?? '{}');
      return Object.fromEntries(
        Object.entries(read).map(([name, events]) => [
          name,
          events.map(([event, id, data]) => ({ event, id, data })),
        ]),
      );
    },
  };
}

// What a run of the tests says of itself: its report in JUnit's form, as `bun test` writes it.
import { readFile } from 'node:fs/promises';

export interface Report {
  passed: number;
  failed: number;
  skipped: number;
  /** The tests that failed, by the file to run them again by. A file that cannot be loaded is in none. */
  failures: { file: string; name: string }[];
}

/** Undefined when it was not written, which means that the run did not finish. */
export async function readReport(path: string): Promise<Report | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const head = text.match(/<testsuites [^>]*>/)?.[0];
  if (!head) return undefined;
  const total = (name: string) => Number(head.match(` ${name}="(\\d+)"`)?.[1] ?? 0);
  const failed = total('failures') + total('errors');
  const cases = text.matchAll(/<testcase ([^>]*[^/])>\s*<(?:failure|error)\b/g);
  const failures = [...cases].map(([, attributes = '']) => ({
    file: attribute(attributes, 'file'),
    name: attribute(attributes, 'name'),
  }));
  return { passed: total('tests') - failed - total('skipped'), failed, skipped: total('skipped'), failures };
}

const attribute = (text: string, name: string): string =>
  (text.match(`(?:^| )${name}="([^"]*)"`)?.[1] ?? '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');

// `bun run lighthouse`: what Lighthouse says of the chat page, empty and with a conversation, on a phone and on a
// desktop. Exit code 1 when it is below the goals.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { chromiumPath } from './browser.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** Fetched when it is run: it is too big to be a dependency of everybody. */
const lighthouse = 'lighthouse@12.8.2';
const goals = { performance: 0.95, accessibility: 1, 'best-practices': 1, seo: 1 };
/** Told beside the scores, which hide a small shift. */
const measures = { 'largest-contentful-paint': 0, 'total-blocking-time': 0, 'cumulative-layout-shift': 3 };
const mostShift = 0.02;
const profiles = { phone: [], desktop: ['--preset=desktop'] };

const report = z.object({
  categories: z.record(
    z.string(),
    z.object({
      score: z.number(),
      auditRefs: z.array(z.object({ id: z.string(), weight: z.number() })),
    }),
  ),
  audits: z.record(
    z.string(),
    z.object({ title: z.string(), score: z.number().nullable(), numericValue: z.number().optional() }),
  ),
});
type Report = z.infer<typeof report>;

if (chromiumPath === undefined) {
  console.error('There is no Chromium on this machine: install one, or name it with CHROMIUM.');
  process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), 'agentchat-lighthouse-'));
const server = await startServer({ env: { DATA_DIR: join(folder, 'data') } });
try {
  const pages = { empty: '/', 'in conversation': `/#/sessions/${await converse(server)}` };
  console.log(['page', 'profile', ...Object.keys(goals), 'LCP ms', 'TBT ms', 'CLS'].map(cell).join(''));
  const missed: string[] = [];
  for (const [page, path] of Object.entries(pages))
    for (const [profile, flags] of Object.entries(profiles)) {
      const result = await look(server.url + path, flags, chromiumPath);
      const scores = Object.keys(goals).map((name) =>
        Math.round((result.categories[name]?.score ?? 0) * 100),
      );
      const measured = Object.entries(measures).map(([id, digits]) => measure(result, id).toFixed(digits));
      console.log([page, profile, ...scores, ...measured].map(cell).join(''));
      missed.push(...faults(result).map((fault) => `${page}, ${profile}: ${fault}`));
    }
  for (const line of missed) console.log(line);
  process.exitCode = missed.length > 0 ? 1 : 0;
} finally {
  await server.kill();
  await rm(folder, { recursive: true, force: true });
}

/** A session in which the demo model has answered twice; its id. */
async function converse({ url }: ServerProcess): Promise<string> {
  const post = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json', 'accept-language': 'en' };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  const { id } = z.object({ id: z.string() }).parse(await post('/api/sessions', {}));
  for (const content of ['What can you do?', 'And how do I set a real model?'])
    await post(`/api/sessions/${id}/chat`, { content });
  return id;
}

async function look(url: string, flags: readonly string[], chromium: string): Promise<Report> {
  const output = join(folder, 'report.json');
  const child = Bun.spawn(
    [
      ...[process.execPath, 'x', lighthouse, url, '--quiet', ...flags],
      ...['--output=json', `--output-path=${output}`, `--only-categories=${Object.keys(goals)}`],
      '--chrome-flags=--headless=new --no-sandbox --disable-gpu',
    ],
    {
      // Not this folder: whatever it fetches and writes is its own.
      cwd: folder,
      env: { ...process.env, CHROME_PATH: chromium },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const said = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`Lighthouse did not come to an end:\n${said.join('')}`);
  return report.parse(await Bun.file(output).json());
}

/** What keeps the scores below their goals. */
function faults(result: Report): string[] {
  const { categories, audits } = result;
  const shift = measure(result, 'cumulative-layout-shift');
  const shifts = shift <= mostShift ? [] : [`what is read moves: CLS is ${shift}, not ${mostShift} at most`];
  const low = Object.entries(goals).flatMap(([name, goal]) => {
    const category = categories[name];
    if (!category) return [`${name} was not measured`];
    if (category.score >= goal) return [];
    const weak = category.auditRefs
      .filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 0.9)
      .map(({ id }) => `${audits[id]?.title} (${id})`);
    return [`${name} is ${Math.round(category.score * 100)}, not ${goal * 100}: ${weak.join('; ')}`];
  });
  return [...low, ...shifts];
}

function measure({ audits }: Report, id: string): number {
  return audits[id]?.numericValue ?? Number.NaN;
}

function cell(value: string | number): string {
  return String(value).padEnd(16);
}

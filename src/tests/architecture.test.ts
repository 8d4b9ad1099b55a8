// Holds what docs/architecture.md draws: which room may import which, and who may touch the runtime.
import { expect, test } from 'bun:test';
import { join, relative, resolve } from 'node:path';
import manifest from '../../package.json';

const src = join(import.meta.dir, '..');

/** What each room may import besides itself. */
const mayImport: Record<string, readonly string[]> = {
  words: [],
  sleep: [],
  models: ['words', 'sleep'],
  tools: ['words', 'sleep'],
  documents: ['words', 'sleep'],
  agent: ['models', 'tools', 'words'],
  db: ['words', 'sleep'],
  chat: ['agent', 'models', 'tools', 'documents', 'db', 'words', 'log', 'sleep'],
  access: ['chat', 'db', 'words', 'log'],
  http: ['access', 'chat', 'agent', 'db', 'words', 'log', 'sleep'],
  app: ['http'],
  parts: ['app', 'http', 'access', 'chat', 'agent', 'documents', 'db', 'log', 'words'],
  setting: [],
  'access-settings': ['access', 'setting', 'words'],
  settings: ['access-settings', 'setting', 'db', 'words'],
  log: [],
};
// The runtime's rooms: the entry, the commands, and what only tests use.
const runtimeRooms = new Set(['main', 'cli', 'testing']);

type Source = { path: string; room: string; text: string; imports: string[] };

const sources = await readSources();

async function readSources(): Promise<Source[]> {
  const found: Source[] = [];
  for (const path of new Bun.Glob('**/*.ts').scanSync(src)) {
    if (path.endsWith('.test.ts')) continue;
    const text = await Bun.file(join(src, path)).text();
    const statements = [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)];
    found.push({ path, room: roomOf(path), text, imports: statements.map((match) => match[1] ?? '') });
  }
  return found;
}

function roomOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.ts$/, '');
}

function importedRooms({ path, imports }: Source): string[] {
  return imports
    .filter((name) => name.startsWith('.'))
    .map((name) => roomOf(relative(src, resolve(src, path, '..', name))));
}

test('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(40);
});

test('imports run one way: main -> app -> http -> chat -> agent -> models, and chat -> db', () => {
  const wrong = sources
    .filter(({ room }) => !runtimeRooms.has(room))
    .flatMap((source) =>
      importedRooms(source)
        .filter((room) => room !== source.room && !mayImport[source.room]?.includes(room))
        .map((room) => `${source.path} imports ${room}`),
    );
  expect(wrong).toEqual([]);
});

test('http has one door: of the database it knows types and errors, and never the store', () => {
  const wrong = sources
    .filter(({ room }) => room === 'http' || room === 'app')
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^import (type )?[^;]*?from '([^']+)';/gm)]
        .filter(
          ([, isType, from = '']) =>
            from.includes('/db/') && !from.endsWith('/errors.ts') && (!isType || from.endsWith('/store.ts')),
        )
        .map(([statement]) => `${path}: ${statement}`),
    );
  expect(wrong).toEqual([]);
});

test('nothing imports the entry, the commands or the tests’ helpers but they themselves', () => {
  const wrong = sources
    .filter(({ room }) => !runtimeRooms.has(room))
    .filter((source) => importedRooms(source).some((room) => runtimeRooms.has(room)))
    .map(({ path }) => path);
  expect(wrong).toEqual([]);
});

test('nothing that serves reaches a tool of development', () => {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reached = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const name of byPath.get(path)?.imports ?? []) {
      if (name.startsWith('.')) visit(relative(src, resolve(src, path, '..', name)));
      else packages.add(name);
    }
  };
  visit('main.ts');
  expect(packages).toContain('hono');
  const { devDependencies } = manifest;
  const tools = [...packages].filter((name) =>
    Object.keys(devDependencies).some((tool) => name === tool || name.startsWith(`${tool}/`)),
  );
  expect(tools).toEqual([]);
});

test('no cycle between files', () => {
  const graph = new Map(
    sources.map((source) => [
      source.path,
      source.imports
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(src, resolve(src, source.path, '..', name))),
    ]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of graph.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const path of graph.keys()) expect(visit(path, [])?.join(' -> ')).toBeUndefined();
});

test('only the entry and the commands use Bun, Node or the environment', () => {
  const wrong = sources
    .filter(({ room }) => !runtimeRooms.has(room))
    .filter(({ text, imports }) => {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      const runtime = /\b(Bun|process|Deno|Buffer|__dirname)\s*[.[]|\bimport\.meta\b/.test(code);
      return (
        runtime || imports.some((name) => /^(node:|bun(:|$)|(fs|path|os|crypto|child_process)$)/.test(name))
      );
    })
    .map(({ path }) => path);
  expect(wrong).toEqual([]);
});

test('the architecture page names every room', async () => {
  const page = await Bun.file(join(src, '..', 'docs', 'architecture.md')).text();
  const rooms = new Set(sources.map(({ room }) => room));
  expect([...rooms].filter((room) => !new RegExp(`^\\| \`${room}(/|\\.ts)?\``, 'm').test(page))).toEqual([]);
});

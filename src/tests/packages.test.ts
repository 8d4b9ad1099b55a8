// What is installed runs nothing at install and calls nobody.
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../cli/install.ts';

const modules = join(repoRoot, 'node_modules');
const scriptsAtInstall = ['preinstall', 'install', 'postinstall'];

type Manifest = {
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  trustedDependencies?: string[];
};

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Each package that the lockfile names, also those that others bring along. */
const lockedNames = (): string[] =>
  [...readFileSync(join(repoRoot, 'bun.lock'), 'utf8').matchAll(/^ {4}"[^"]+": \["(.+?)@[^@"]*"/gm)].map(
    ([, name = '']) => name,
  );

test('no package may run scripts at install, also none of those that Bun trusts by itself', () => {
  expect(manifest(repoRoot).trustedDependencies).toEqual([]);
});

test('what the server needs has no scripts to run at install', () => {
  const needed = new Set<string>();
  const visit = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const other of Object.keys(manifest(join(modules, name)).dependencies ?? {})) visit(other);
  };
  for (const name of Object.keys(manifest(repoRoot).dependencies ?? {})) visit(name);
  expect(needed.size).toBeGreaterThan(10);
  for (const name of needed) {
    const { scripts = {} } = manifest(join(modules, name));
    expect({ name, scripts: scriptsAtInstall.filter((one) => one in scripts) }).toEqual({
      name,
      scripts: [],
    });
  }
});

test('no package that calls home is among all of them', () => {
  const names = lockedNames();
  expect(names.length).toBeGreaterThan(100);
  const callers = names.filter((name) => /scarf|telemetry|analytics|opencollective|fingerprint/.test(name));
  // An interface alone, which sends nothing where nobody puts a sender behind it.
  expect(callers.filter((name) => name !== '@opentelemetry/api')).toEqual([]);
});

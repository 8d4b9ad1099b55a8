// The API's document, as makers of clients need it: types are made of it, and a program with those types is compiled,
// and calls a real server.
import { expect, test } from 'bun:test';
import { copyFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repoRoot } from '../cli/install.ts';
import { type ApiDocument, operationsOf } from '../testing/api-document.ts';
import type { ModelScript } from '../testing/model-server.ts';
import { startPathProxy } from '../testing/path-proxy.ts';
import { runCommand } from '../testing/run-command.ts';
import { modelEnv, testServers } from '../testing/servers.ts';

const here = join(import.meta.dir, '..', 'testing', 'typed-client');
const strict = {
  compilerOptions: {
    target: 'esnext',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['esnext', 'dom', 'dom.iterable', 'dom.asynciterable'],
    types: ['bun'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  },
};

const servers = testServers();

/** Repeats what it is told, after a thought; breaks once, and hangs, where it is told to. */
function model(): ModelScript {
  let isBroken = true;
  return ({ body }) => {
    const said = JSON.stringify(body.messages).match(/"content":"(\w+)"\}\]$/)?.[1];
    if (said === 'hang') return [{ text: 'half' }, { hang: true }];
    if (said === 'break' && isBroken) {
      isBroken = false;
      return [{ status: 400, body: { error: { message: 'no' } } }];
    }
    return [{ thought: 'hm' }, { text: 're: ' }, { text: said ?? '' }];
  };
}

/** A folder with types made of the document at `url`, and the program. */
async function typedProgram(url: string): Promise<string> {
  const folder = await servers.tempFolder();
  await symlink(join(repoRoot, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(strict));
  await copyFile(join(here, 'program.ts'), join(folder, 'program.ts'));
  const made = await runCommand(
    [join(here, 'make-types.ts'), `${url}/openapi.json`, join(folder, 'agentchat.d.ts')],
    { cwd: folder },
  );
  expect(made).toEqual({ code: 0, out: '', err: '' });
  return folder;
}

const compile = (folder: string) =>
  runCommand([join(repoRoot, 'node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '-p', folder], {
    cwd: folder,
  });

test('a program with types made of the document compiles, and calls every operation', async () => {
  const server = await servers.start({
    ...(await servers.database()),
    ...modelEnv(servers.modelServer(model())),
  });
  const folder = await typedProgram(server.url);
  expect(await compile(folder)).toEqual({ code: 0, out: '', err: '' });

  const { code, out, err } = await runCommand(['program.ts', server.url], { cwd: folder });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as ApiDocument;
  expect(JSON.parse(out)).toEqual(
    operationsOf(document)
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  );
}, 120_000);

test('below a path the same program runs against the address that the document tells', async () => {
  const server = await servers.start({
    ...(await servers.database()),
    ...modelEnv(servers.modelServer(model())),
  });
  const proxy = startPathProxy(() => server.url, '/agentchat', true);
  servers.afterThisTest(proxy.stop);
  const folder = await typedProgram(proxy.url);
  const document = (await (await fetch(`${proxy.url}/openapi.json`)).json()) as ApiDocument;
  const { href } = new URL(document.servers[0]?.url ?? '', proxy.url);
  expect(href).toBe(proxy.url);
  const { code, err } = await runCommand(['program.ts', href], { cwd: folder });
  expect({ code, err }).toEqual({ code: 0, err: '' });
}, 120_000);

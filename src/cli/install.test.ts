// What a person sees while packages are installed: in the language of the terminal, and moving where it can.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repoRoot } from './install.ts';
import { installedStamp } from './installed-stamp.ts';

describe('installing the packages', () => {
  let project = '';

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'agentchat-install-'));
    await cp(join(repoRoot, 'src'), join(project, 'src'), { recursive: true });
    await writeFile(
      join(project, 'start.ts'),
      `import { ensureInstalled } from './src/cli/install.ts';
      console.log(await ensureInstalled('production'));`,
    );
  });
  afterAll(() => rm(project, { recursive: true, force: true }));

  type How = { onTerminal?: boolean; dependencies?: Record<string, string> };

  /** A start of a project without packages, whose installation takes as long as `preinstall` does. */
  async function begin(preinstall: string, env: Record<string, string>, how: How = {}) {
    const { onTerminal = false, dependencies = {} } = how;
    await rm(join(project, 'node_modules'), { recursive: true, force: true });
    await writeFile(
      join(project, 'package.json'),
      JSON.stringify({ name: 'x', scripts: { preinstall }, dependencies }),
    );
    let shown = '';
    const decoder = new TextDecoder();
    const child = Bun.spawn([process.execPath, 'start.ts'], {
      cwd: project,
      env: { PATH: process.env.PATH, HOME: project, TERM: 'xterm', ...env },
      ...(onTerminal
        ? {
            terminal: {
              cols: 80,
              data: (_: unknown, data: Uint8Array) => {
                shown += decoder.decode(data, { stream: true });
              },
            },
          }
        : { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' }),
    });
    const piped = onTerminal
      ? []
      : await Promise.all([new Response(child.stderr).text(), new Response(child.stdout).text()]);
    const code = await child.exited;
    return { code, shown: onTerminal ? shown : piped.join('') };
  }

  for (const [lang, line] of [
    ['en_US.UTF-8', 'Installing packages…'],
    ['zh_CN.UTF-8', '正在安装依赖…'],
  ] as const) {
    test(`is one plain line where it is read by a program (${lang})`, async () => {
      expect(await begin('sleep 1.2', { LANG: lang })).toEqual({ code: 0, shown: `${line}\ninstalled\n` });
    });

    test(`moves on a terminal, and stays as one line (${lang})`, async () => {
      const { shown } = await begin('sleep 1.2', { LANG: lang }, { onTerminal: true });
      const drawn = shown.split('\r\x1b[K');
      expect(drawn.filter((frame) => /^[⠀-⣿] /.test(frame)).length).toBeGreaterThan(5);
      expect(drawn.at(-1)).toMatch(new RegExp(`^${line} 1 (s|秒)\r\ninstalled\r\n$`));
    });
  }

  for (const [lang, said] of [
    [
      'en',
      'Installing packages…\nInstalling the packages failed: the package registry could not be reached (no network?).\n',
    ],
    ['zh_CN.UTF-8', '正在安装依赖…\n安装依赖失败：无法连接软件包仓库（没有网络？）。\n'],
  ] as const) {
    test(`that fails says why (${lang})`, async () => {
      const env = { LANG: lang, BUN_CONFIG_REGISTRY: 'http://127.0.0.1:1' };
      expect(await begin('true', env, { dependencies: { nothing: '1.0.0' } })).toEqual({
        code: 1,
        shown: said,
      });
    });
  }
});

test('what package.json pins is known to be there, also under another name', () => {
  expect(installedStamp(repoRoot, 'all').packagesMatch()).toBe(true);
});

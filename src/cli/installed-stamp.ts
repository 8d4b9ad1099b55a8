// Which packages are in node_modules: a stamp in there says what was installed. Imports nothing that is not in Bun.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `production` leaves out what only development and tests need. */
export type InstallMode = 'production' | 'all';

/** The stamp of the project in `folder`, as bun.lock and package.json are now. */
export function installedStamp(folder: string, mode: InstallMode) {
  const nodeModules = join(folder, 'node_modules');
  const file = join(nodeModules, '.agentchat-installed');
  const wanted = fingerprint(folder);
  return {
    isThere(): boolean {
      try {
        const stamp = readFileSync(file, 'utf8').trim();
        return stamp === `all ${wanted}` || stamp === `${mode} ${wanted}`;
      } catch {
        return false;
      }
    },

    write(): void {
      try {
        writeFileSync(file, `${mode} ${wanted}\n`);
      } catch {
        // Without a stamp the next start asks `bun install` again, which is merely slower.
      }
    },

    /** True when every package that package.json names is in node_modules at the version it pins. */
    packagesMatch(): boolean {
      try {
        const own = readJson(join(folder, 'package.json'));
        const pins = { ...own.dependencies, ...(mode === 'all' ? own.devDependencies : {}) };
        return Object.entries(pins).every(
          // Of `npm:other@1.2.3` too, the version stands last.
          ([name, pin]) =>
            readJson(join(nodeModules, name, 'package.json')).version === pin.split('@').at(-1),
        );
      } catch {
        return false;
      }
    },
  };
}

/** What a stamp must say for the packages of this checkout on this kind of machine. */
function fingerprint(folder: string): string {
  const hash = (file: string) => {
    try {
      return new Bun.CryptoHasher('sha256').update(readFileSync(join(folder, file))).digest('hex');
    } catch {
      return 'missing';
    }
  };
  return `${hash('bun.lock')} ${hash('package.json')} ${process.platform}-${process.arch}`;
}

interface PackageJson {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

function readJson(path: string): PackageJson {
  return JSON.parse(readFileSync(path, 'utf8')) as PackageJson;
}

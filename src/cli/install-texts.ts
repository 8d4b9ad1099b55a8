// What is said while packages are installed, and why they cannot be. Imports nothing that is not in Bun.
import type { Bilingual } from '../words/bilingual.ts';

export const installing = (seconds: number): Bilingual => ({
  en: `Installing packages…${seconds < 1 ? '' : ` ${seconds} s`}`,
  'zh-CN': `正在安装依赖…${seconds < 1 ? '' : ` ${seconds} 秒`}`,
});

export const waitingForOther: Bilingual = {
  en: 'Waiting for another start that is installing packages…',
  'zh-CN': '另一个进程正在安装依赖，等待它完成…',
};

export const otherTooLong: Bilingual = {
  en: 'Another start has been installing packages for ten minutes: stop it and try again.',
  'zh-CN': '另一个进程安装依赖已超过十分钟：请停止它，然后重试。',
};

export const installFailed = (reason: Bilingual): Bilingual => ({
  en: `Installing the packages failed: ${reason.en}.`,
  'zh-CN': `安装依赖失败：${reason['zh-CN']}。`,
});

export const notChecked = (reason: Bilingual): Bilingual => ({
  en: `Packages not checked (${reason.en}); going on with the ones in node_modules, which match package.json.`,
  'zh-CN': `未能检查依赖（${reason['zh-CN']}）；继续使用 node_modules 中的依赖，它们与 package.json 一致。`,
});

/** Why `bun install` failed, as a part of a sentence; read out of what it wrote. */
export function installFault(output: string, code: number): Bilingual {
  const known = faults.find(([pattern]) => pattern.test(output));
  if (known) return { en: known[1], 'zh-CN': known[2] };
  const said = output.match(/^error: (.+)$/m)?.[1];
  return said
    ? { en: `bun install said "${said}"`, 'zh-CN': `bun install 报告“${said}”` }
    : { en: `bun install ended with code ${code}`, 'zh-CN': `bun install 以代码 ${code} 结束` };
}

const faults: [pattern: RegExp, en: string, chinese: string][] = [
  [
    /lockfile is frozen|lockfile had changes/i,
    'package.json and bun.lock do not match; run `bun install` and commit bun.lock',
    'package.json 与 bun.lock 不一致，请运行 `bun install` 并提交 bun.lock',
  ],
  [
    /EACCES|EPERM|EROFS|permission denied|AccessDenied|ReadOnlyFileSystem/i,
    'node_modules, in the folder of AgentChat, is not writable for this user',
    '当前用户无法写入 AgentChat 目录下的 node_modules',
  ],
  [/ENOSPC|NoSpaceLeft/i, 'the disk is full', '磁盘已满'],
  [
    /DNSResolveFailed|ConnectionRefused|ConnectionClosed|FailedToOpenSocket|ENOTFOUND|ENETUNREACH|ECONNRE|Timeout|certificate/i,
    'the package registry could not be reached (no network?)',
    '无法连接软件包仓库（没有网络？）',
  ],
];

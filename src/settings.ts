// The settings: environment variables, read once and checked. A wrong one names itself.
import { z } from 'zod';
import { accessSettings, accessShape } from './access-settings.ts';
import { normalizeDatabaseUrl } from './db/postgres/normalize-database-url.ts';
import { anyText, duration, listOf, oneOf, SettingsError, setting, wholeNumber, yesOrNo } from './setting.ts';
import type { Locale } from './words/bilingual.ts';

export type Environment = Record<string, string | undefined>;

const locales = new Map<string, Locale>([
  ['zh', 'zh-CN'],
  ['zh-cn', 'zh-CN'],
  ['en', 'en'],
  ['en-us', 'en'],
  ['en-gb', 'en'],
]);

const localeOf = (text: string) => locales.get(text.toLowerCase().replace('_', '-'));

const schema = z.object({
  HOST: anyText('HOST', '127.0.0.1'),
  ...accessShape,
  PORT: wholeNumber('PORT', 0, 65_535, 8001),
  // Its value may hold a password and is never printed.
  DATABASE_URL: z
    .string()
    .optional()
    .transform((raw, context): string | undefined => {
      if (raw === undefined || raw.trim() === '') return undefined;
      try {
        return normalizeDatabaseUrl(raw);
      } catch (error) {
        context.addIssue({
          code: 'custom',
          message: `DATABASE_URL ${error instanceof Error ? error.message : error}`,
        });
        return z.NEVER;
      }
    }),
  DATA_DIR: anyText('DATA_DIR', './data'),
  MODEL_CONFIG: z.string().optional(),
  AGENTS: z.string().optional(),
  APPROVAL_TIMEOUT: duration('APPROVAL_TIMEOUT', 7 * 86_400),
  WORKERS: wholeNumber('WORKERS', 1, 256, 1),
  DATABASE_POOL_MAX: wholeNumber('DATABASE_POOL_MAX', 1, 1000, 10),
  DATABASE_PREPARE: yesOrNo('DATABASE_PREPARE', true),
  SHUTDOWN_GRACE_S: wholeNumber('SHUTDOWN_GRACE_S', 0, 86_400, 30),
  CORS_ORIGINS: setting(
    'CORS_ORIGINS',
    'origins like https://chat.example.com, comma-separated, or *, or null',
    [],
    origins,
  ),
  ALLOWED_HOSTS: setting(
    'ALLOWED_HOSTS',
    'names like chat.example.com or *.example.com, comma-separated, or *',
    [],
    hosts,
  ),
  DEFAULT_LOCALE: setting('DEFAULT_LOCALE', 'zh-CN or en', 'zh-CN' as const, localeOf),
  MAX_BODY_BYTES: wholeNumber('MAX_BODY_BYTES', 1024, 1024 ** 3, 1024 ** 2),
  MAX_FILE_BYTES: wholeNumber('MAX_FILE_BYTES', 1024, 1024 ** 3, 20 * 1024 ** 2),
  SHARED_LINKS: yesOrNo('SHARED_LINKS', true),
  BASE_PATH: setting('BASE_PATH', 'a path like /agentchat', '', basePath),
  LOG_LEVEL: oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  LOG_FORMAT: setting('LOG_FORMAT', 'pretty or json', undefined, logFormat),
});

/** Only programs of the same machine reach it. */
const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

function origins(text: string): string[] | undefined {
  const named = listOf(text)?.map((origin) => origin.replace(/\/$/, ''));
  return named?.every((origin) => /^(\*|null|https?:\/\/[^/\s]+)$/i.test(origin)) ? named : undefined;
}

/** A page that may call may be this server's own, under another name. */
const hostOfOrigin = (origin: string): string[] =>
  origin === '*'
    ? [origin]
    : origin === 'null'
      ? []
      : [hostOf(origin.replace(/^https?:\/\//i, '')) ?? []].flat();

const hostOfPublicUrl = (url: string | undefined): string[] => (url ? [new URL(url).hostname] : []);

/** Where it listens may be told by name. */
const hostNamed = (host: string): string[] => (/^[\d.]+$|:/.test(host) ? [] : [host.toLowerCase()]);

function hosts(text: string): string[] | undefined {
  const named = listOf(text)?.map((name) =>
    /^(\*|\*\.[^*\s/?#@:\\]+)$/.test(name) ? name.toLowerCase() : hostOf(name),
  );
  return named?.every((name) => name !== undefined) ? named : undefined;
}

/** A name as requests have it, without its port; undefined where it is none. */
function hostOf(name: string): string | undefined {
  const isPlain = !/[\s/?#@\\*]/.test(name);
  return isPlain && URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : undefined;
}

/** Without a slash at its end; `/` is an empty text. */
function basePath(text: string): string | undefined {
  const path = text.replace(/\/$/, '');
  return path === '' || /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/.test(path) ? path : undefined;
}

function logFormat(text: string): 'pretty' | 'json' | undefined {
  return text === 'pretty' || text === 'json' ? text : undefined;
}

export type Settings = ReturnType<typeof readSettings>;

/** Reads the settings. Throws a SettingsError that tells the first wrong one. */
export function readSettings(environment: Environment) {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) throw new SettingsError(parsed.error.issues[0]?.message ?? 'a setting is wrong');
  const it = parsed.data;
  if (it.WORKERS > 1 && it.DATABASE_URL === undefined) {
    throw new SettingsError(
      `WORKERS is ${it.WORKERS}; more than one process needs DATABASE_URL, a PostgreSQL server that they share`,
    );
  }
  if (it.WORKERS > 1 && it.PORT === 0) {
    throw new SettingsError(`PORT is 0; ${it.WORKERS} processes that share a port need one that is named`);
  }
  if (it.AUTH === undefined && !isLoopback(it.HOST)) {
    throw new SettingsError(
      `HOST is ${it.HOST}, which lets other machines in, and AUTH says nothing of who may come; set AUTH=keys (bun run keys create makes one), oidc or proxy, or AUTH=none to let everybody in`,
    );
  }
  const access = accessSettings(it);
  return {
    host: it.HOST,
    ...access,
    /** Whether other machines come in without saying who they are. */
    isOpen: access.ways.includes('none') && !isLoopback(it.HOST),
    port: it.PORT,
    databaseUrl: it.DATABASE_URL,
    dataDir: it.DATA_DIR,
    /** Undefined: the default file, which may be missing. A file that is named must be there. */
    modelConfig: it.MODEL_CONFIG?.trim() || undefined,
    /** The same of the folder with the agents' files. */
    agentsFolder: it.AGENTS?.trim() || undefined,
    approvalSeconds: it.APPROVAL_TIMEOUT,
    workers: it.WORKERS,
    poolMax: it.DATABASE_POOL_MAX,
    prepare: it.DATABASE_PREPARE,
    shutdownGraceMs: it.SHUTDOWN_GRACE_S * 1000,
    allowedHosts: [
      ...it.ALLOWED_HOSTS,
      ...it.CORS_ORIGINS.flatMap(hostOfOrigin),
      ...hostNamed(it.HOST),
      ...hostOfPublicUrl(access.publicUrl),
    ],
    corsOrigins: it.CORS_ORIGINS,
    defaultLocale: it.DEFAULT_LOCALE,
    maxBodyBytes: it.MAX_BODY_BYTES,
    maxFileBytes: it.MAX_FILE_BYTES,
    sharedLinks: it.SHARED_LINKS,
    basePath: it.BASE_PATH,
    logLevel: it.LOG_LEVEL,
    logFormat: it.LOG_FORMAT,
  };
}

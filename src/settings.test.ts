import { expect, test } from 'bun:test';
import { SettingsError } from './setting.ts';
import { readSettings } from './settings.ts';

test('nothing set: the defaults', () => {
  expect(readSettings({})).toEqual({
    host: '127.0.0.1',
    isOpen: false,
    ways: ['none'],
    admins: [],
    oidc: undefined,
    proxy: undefined,
    trustedProxies: [],
    publicUrl: undefined,
    port: 8001,
    databaseUrl: undefined,
    dataDir: './data',
    modelConfig: undefined,
    agentsFolder: undefined,
    approvalSeconds: 7 * 86_400,
    workers: 1,
    poolMax: 10,
    prepare: true,
    shutdownGraceMs: 30_000,
    allowedHosts: [],
    corsOrigins: [],
    defaultLocale: 'zh-CN',
    maxBodyBytes: 1_048_576,
    maxFileBytes: 20_971_520,
    sharedLinks: true,
    basePath: '',
    logLevel: 'info',
    logFormat: undefined,
  });
});

test('an empty value is an unset one', () => {
  expect(readSettings({ PORT: '', DATABASE_URL: ' ', LOG_LEVEL: '', MODEL_CONFIG: '' })).toEqual(
    readSettings({}),
  );
});

test('values are read leniently in their form', () => {
  const settings = readSettings({
    PORT: ' 9000 ',
    DATABASE_PREPARE: 'FALSE',
    DEFAULT_LOCALE: 'en-US',
    LOG_LEVEL: 'Debug',
    CORS_ORIGINS: 'https://a.example/, http://b.example:8080',
  });
  expect(settings).toMatchObject({
    port: 9000,
    prepare: false,
    defaultLocale: 'en',
    logLevel: 'debug',
    corsOrigins: ['https://a.example', 'http://b.example:8080'],
  });
});

test('origins are read as the FastAPI application’s settings write them', () => {
  for (const [text, origins] of [
    ['["*"]', ['*']],
    ['["https://a.example/", "http://b.example:8080"]', ['https://a.example', 'http://b.example:8080']],
    ['[]', []],
    ['null', ['null']],
    ['https://a.example, null', ['https://a.example', 'null']],
  ] as const) {
    expect(readSettings({ CORS_ORIGINS: text }).corsOrigins).toEqual([...origins]);
  }
  for (const text of ['["a.example"]', '[1]', '["*"', '[["*"]]']) {
    expect(() => readSettings({ CORS_ORIGINS: text })).toThrow(SettingsError);
  }
});

test('the names of hosts are those of ALLOWED_HOSTS, CORS_ORIGINS and HOST', () => {
  for (const [environment, allowedHosts] of [
    [{ ALLOWED_HOSTS: 'Chat.example.com, *.Lan,b.example:8443' }, ['chat.example.com', '*.lan', 'b.example']],
    [{ ALLOWED_HOSTS: '["*"]' }, ['*']],
    [{ ALLOWED_HOSTS: '聊天.example' }, ['xn--rss932g.example']],
    [{ CORS_ORIGINS: 'https://A.example:8443' }, ['a.example']],
    [{ CORS_ORIGINS: '["*"]' }, ['*']],
    [{ HOST: 'box.lan', AUTH: 'keys' }, ['box.lan']],
    [{ HOST: '0.0.0.0', AUTH: 'keys' }, []],
    [{ HOST: '::', AUTH: 'keys' }, []],
  ] as const) {
    expect(readSettings(environment).allowedHosts).toEqual([...allowedHosts]);
  }
  for (const text of ['https://a.example', 'a.example/x', 'a*.example', '*.', '*.*', 'a b']) {
    expect(() => readSettings({ ALLOWED_HOSTS: text })).toThrow(/^ALLOWED_HOSTS is .*chat\.example\.com/);
  }
});

test('a base path is a path; a slash at its end means nothing', () => {
  for (const [text, path] of [
    ['/', ''],
    ['/agentchat', '/agentchat'],
    ['/tools/chat.1/', '/tools/chat.1'],
  ] as const)
    expect(readSettings({ BASE_PATH: text }).basePath).toBe(path);
  for (const wrong of ['agentchat', '//host', '/a//b', '/../x', '/a?b', 'https://a.example/b'])
    expect(() => readSettings({ BASE_PATH: wrong })).toThrow(
      `BASE_PATH is "${wrong}"; it must be a path like /agentchat`,
    );
});

test('a wrong value names the variable, what it was and what it may be', () => {
  const wrong: [Record<string, string>, string][] = [
    [{ PORT: '70000' }, 'PORT is "70000"; it must be a whole number from 0 to 65535'],
    [{ PORT: '-1' }, 'PORT is "-1"; it must be a whole number from 0 to 65535'],
    [{ PORT: '8001.5' }, 'PORT is "8001.5"; it must be a whole number from 0 to 65535'],
    [
      { PORT: '0', WORKERS: '2', DATABASE_URL: 'postgres://h/d' },
      'PORT is 0; 2 processes that share a port need one that is named',
    ],
    [{ DEFAULT_LOCALE: 'xx' }, 'DEFAULT_LOCALE is "xx"; it must be zh-CN or en'],
    // Names that every object has.
    [{ DEFAULT_LOCALE: 'constructor' }, 'DEFAULT_LOCALE is "constructor"; it must be zh-CN or en'],
    [{ DEFAULT_LOCALE: '__proto__' }, 'DEFAULT_LOCALE is "__proto__"; it must be zh-CN or en'],
    [{ LOG_FORMAT: 'xml' }, 'LOG_FORMAT is "xml"; it must be pretty or json'],
    [{ SHUTDOWN_GRACE_S: 'soon' }, 'SHUTDOWN_GRACE_S is "soon"; it must be a whole number from 0 to 86400'],
    [
      { CORS_ORIGINS: 'a.example' },
      'CORS_ORIGINS is "a.example"; it must be origins like https://chat.example.com, comma-separated, or *, or null',
    ],
  ];
  for (const [environment, message] of wrong) {
    expect(() => readSettings(environment)).toThrow(new SettingsError(message));
  }
});

test('who may come: everybody where only this machine can, and elsewhere as AUTH says', () => {
  for (const HOST of ['127.0.0.1', '127.8.8.8', 'localhost', '::1', '[::1]'])
    expect(readSettings({ HOST })).toMatchObject({ ways: ['none'], isOpen: false });
  for (const HOST of ['0.0.0.0', '::', '192.168.1.2', 'box.lan', '1270.0.0.1', 'localhost.evil']) {
    expect(() => readSettings({ HOST })).toThrow(/^HOST is .* AUTH .*AUTH=keys/);
    expect(readSettings({ HOST, AUTH: 'none' })).toMatchObject({ ways: ['none'], isOpen: true });
    expect(readSettings({ HOST, AUTH: 'keys,none' }).isOpen).toBe(true);
    expect(readSettings({ HOST, AUTH: 'keys' }).isOpen).toBe(false);
  }
  expect(readSettings({ AUTH: 'keys, NONE,keys' }).ways).toEqual(['keys', 'none']);
  for (const AUTH of ['key', 'keys;oidc', ',', 'keys,basic'])
    expect(() => readSettings({ AUTH })).toThrow(/^AUTH is .* none, keys, oidc, proxy, comma-separated/);
});

test('APPROVAL_TIMEOUT is a time with its unit', () => {
  const seconds = (text: string) => readSettings({ APPROVAL_TIMEOUT: text }).approvalSeconds;
  expect(['90s', '30m', '12h', '7d', ' 365d '].map(seconds)).toEqual([90, 1800, 43_200, 604_800, 31_536_000]);
  for (const text of ['7', '0d', '366d', '-1h', '1.5h', 'week', '7 d'])
    expect(() => seconds(text)).toThrow('APPROVAL_TIMEOUT');
});

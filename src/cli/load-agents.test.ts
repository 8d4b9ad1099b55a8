import { afterEach, expect, test } from 'bun:test';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ModelConfigError } from '../agent/agent-config.ts';
import { assistantFile } from '../testing/agent-file.ts';
import { openai } from '../testing/model-config.ts';
import { loadAgents } from './load-agents.ts';

const made: string[] = [];
afterEach(clean);

async function clean(): Promise<void> {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true });
}

const model = (name: string) => openai(`model: ${name}`, 'api_key: k');

/** A folder with these files. */
async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-agents-'));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** What is loaded of a folder with these files, of which `model.yaml` beside `agents/` is that of MODEL_CONFIG. */
async function load(files: Record<string, string>, env: Record<string, string> = {}) {
  const folder = await folderWith({ 'agents/x.template.yaml': 'not read', ...files });
  const modelConfig = 'model.yaml' in files ? join(folder, 'model.yaml') : undefined;
  const { agents, warnings } = await loadAgents({ agentsFolder: join(folder, 'agents'), modelConfig }, env);
  const told = warnings.map((line) => line.replaceAll(folder, '…'));
  return { agents: agents.map(({ name, model: { name: of } }) => `${name}: ${of}`), warnings: told };
}

async function problem(files: Record<string, string>): Promise<string> {
  try {
    await load(files);
  } catch (error) {
    if (!(error instanceof ModelConfigError)) throw error;
    expect(error.message).not.toContain('\n');
    return error.message.replaceAll(made[0] ?? '', '…');
  }
  throw new Error('it loaded');
}

test('each file of the folder is an agent; what is hidden, a template, or no component is none', async () => {
  expect(
    await load({
      'agents/writer.yml': model('b'),
      'agents/critic.json': JSON.stringify(assistantFile()),
      'agents/Zoe.yaml': model('c'),
      'agents/y.template.json': 'not read',
      'agents/.old.yaml': 'not read',
      'agents/notes.md': 'not read',
      'agents/more/deep.yaml': 'not read',
    }),
  ).toEqual({ agents: ['Zoe: c', 'critic: gpt-4o-mini', 'writer: b'], warnings: [] });
});

test('the default is the assistant, wherever it stands, or else the first by name', async () => {
  const others = { 'agents/aa.yaml': model('a'), 'agents/bb.yaml': model('b') };
  expect((await load({ ...others, 'agents/assistant.yaml': model('c') })).agents).toEqual([
    ...['assistant: c', 'aa: a', 'bb: b'],
  ]);
  expect((await load({ ...others, 'model.yaml': model('m') })).agents).toEqual([
    ...['assistant: m', 'aa: a', 'bb: b'],
  ]);
  expect((await load(others)).agents).toEqual(['aa: a', 'bb: b']);
});

test('a key in the environment makes no agent beside those that have files', async () => {
  const env = { OPENAI_API_KEY: 'k' };
  expect((await load({ 'agents/aa.yaml': model('a') }, env)).agents).toEqual(['aa: a']);
  expect(await load({}, env)).toEqual({
    agents: ['assistant: gpt-4o-mini'],
    warnings: ['AGENTS is "…/agents", but no agent is in it'],
  });
});

test('a model file that an assistant of its own stands before is not read, and that is told', async () => {
  expect(await load({ 'agents/assistant.yaml': model('a'), 'model.yaml': 'not: read' })).toEqual({
    agents: ['assistant: a'],
    warnings: ['…/model.yaml is not read: the agent assistant has a file of its own'],
  });
});

test('an agent that cannot be called what its file is stops the start', async () => {
  for (const [file, why] of [
    ['翻译.yaml', '"翻译" does not begin with a letter or digit (A to Z, 0 to 9)'],
    ['-x.yaml', '"-x" does not begin with a letter or digit'],
    ['v1.2.yaml', '"v1.2" may have only letters (A to Z), digits, _ and -'],
    ['a,b.json', '"a,b" may have only letters'],
    [`${'x'.repeat(51)}.yaml`, 'is longer than 50 characters'],
  ]) {
    const told = await problem({ [`agents/${file}`]: model('m') });
    expect(told).toStartWith(`…/agents/${file}: an agent is called what its file is, and `);
    expect(told).toContain(why ?? '');
    expect(told).toEndWith('; for people to read there is label');
    await clean();
  }
});

test('two files of one name stop the start, also where only some file systems tell them apart', async () => {
  for (const other of ['a.json', 'A.yml']) {
    const said = await problem({ 'agents/a.yaml': model('m'), [`agents/${other}`]: model('m') });
    expect(said).toMatch(
      /^…\/agents\/[aA]\.\w+: the agent of …\/agents\/[aA]\.\w+ has the same name; rename one of them$/,
    );
    await clean();
  }
});

test('one wrong file stops the start, with the file, the place and the cause', async () => {
  expect(await problem({ 'agents/a.yaml': model('m'), 'agents/b.yaml': '\nprovider: Swarm' })).toStartWith(
    '…/agents/b.yaml:2: Swarm is not supported; teams are not here yet',
  );
});

test('a folder that is named must be there, and be one', async () => {
  const folder = await folderWith({ file: '' });
  const named = (name: string) => loadAgents({ agentsFolder: join(folder, name) }, {});
  expect(named('nowhere')).rejects.toThrow(/^AGENTS is ".*\/nowhere", but there is no such folder$/);
  expect(named('file')).rejects.toThrow(/^AGENTS is ".*\/file", but it is no folder$/);
});

test('a file that is a folder is told', async () => {
  expect(await problem({ 'agents/a.yaml/b.txt': '' })).toBe('…/agents/a.yaml: it is a folder');
});

test('the template is an agent once the key is set, and with its examples too', async () => {
  const template = await Bun.file(`${import.meta.dir}/../../agents/assistant.template.yaml`).text();
  const env = { OPENAI_API_KEY: 'k', MCP_TOKEN: 't' };
  // What is not said in words is an example.
  const examples = template.replaceAll(/^( *)# (?!---)(?=( *[-\w]+:| +))/gm, '$1');
  expect(examples).toContain('\nprices: {');
  for (const text of [template, examples]) {
    const { agents, warnings } = await load({ 'agents/assistant.yaml': text }, env);
    expect(agents).toEqual(['assistant: gpt-4o-mini']);
    expect(warnings.filter((line) => line.includes('assistant.yaml'))).toEqual([]);
  }
});

test('an agent that names no model has that of MODEL_CONFIG, of the environment, or the demo', async () => {
  const file = 'provider: AssistantAgent\nconfig:\n  description: x\n';
  expect((await load({ 'agents/a.yaml': file })).agents).toEqual(['a: demo']);
  const env = { OPENAI_API_KEY: 'k', OPENAI_MODEL: 'm' };
  expect((await load({ 'agents/a.yaml': file }, env)).agents).toEqual(['a: m']);
  expect((await load({ 'agents/a.yaml': file, 'model.yaml': model('of-file') }, env)).agents).toEqual([
    'assistant: of-file',
    'a: of-file',
  ]);
});

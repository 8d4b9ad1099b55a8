// A model server that sends its callers somewhere else: nothing that is ours goes to a server that nobody named.
import { expect, test } from 'bun:test';
import { collect, failure, KEY, modelAt, modelServers } from '../../testing/ask-model.ts';

const { start } = modelServers();
const secret = { default_headers: { 'x-gateway': 'a-secret-of-the-gateway' } };

for (const status of [301, 302, 303, 307, 308]) {
  test(`a ${status} to another server is not followed, and the error says what to do`, async () => {
    const other = start([{ text: 'mine now' }]);
    const headers = { location: `${other.url}/chat/completions` };
    const asked = start([{ status, headers, body: `moved to ${other.url}, ${KEY}` }]);
    const reply = await collect(modelAt(asked.url, secret));
    const { reason } = failure(reply);
    expect(reason.en).toMatch(new RegExp(`redirect.*\\(${status}\\).*base_url`));
    expect(reason['zh-CN']).toContain('base_url');
    expect(JSON.stringify(reason)).not.toContain(other.url);
    expect(other.calls()).toBe(0);
    expect(asked.calls()).toBe(1);
  });
}

for (const status of [307, 308]) {
  test(`a ${status} within the server is followed, with all that was sent`, async () => {
    const server = start((request) =>
      request.path.endsWith('/moved') ? [{ text: 'here' }] : [{ status, headers: { location: '/v1/moved' } }],
    );
    expect(await collect(modelAt(server.url, secret))).toMatchObject({ content: 'here', error: undefined });
    const [first, second] = server.requests;
    expect(second).toMatchObject({ method: 'POST', body: first?.body ?? {} });
    expect(second?.headers.authorization).toBe(`Bearer ${KEY}`);
  });
}

test('redirects without an end, or to nowhere, are an error', async () => {
  const nowhere: [Record<string, string>, number][] = [
    [{}, 1],
    [{ location: '' }, 1],
    [{ location: 'http://' }, 1],
    [{ location: '/v1/chat/completions' }, 1],
    [{ location: '#here' }, 1],
    [{ location: '/v1/again' }, 2],
  ];
  for (const [headers, calls] of nowhere) {
    const server = start([{ status: 308, headers }]);
    expect(failure(await collect(modelAt(server.url))).reason.en).toMatch(/redirect.*base_url/);
    expect(server.calls()).toBe(calls);
  }
  const server = start(({ path }) => [{ status: 307, headers: { location: `${path}/again` } }]);
  expect(failure(await collect(modelAt(server.url))).reason.en).toMatch(/redirect.*base_url/);
  expect(server.calls()).toBe(6);
});

test('a way that begins at the server and then leaves it is not followed to its end', async () => {
  const other = start([{ text: 'mine now' }]);
  const server = start((request) => [
    { status: 307, headers: { location: request.path.endsWith('/moved') ? other.url : '/v1/moved' } },
  ]);
  expect(failure(await collect(modelAt(server.url))).reason.en).toContain('redirect');
  expect(server.calls()).toBe(2);
  expect(other.calls()).toBe(0);
});

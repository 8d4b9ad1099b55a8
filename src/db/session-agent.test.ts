import { expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { onEachDatabase } from '../testing/databases.ts';
import { newSession, openStore } from '../testing/new-turns.ts';

onEachDatabase('who answers in a session', (open) => {
  test('is the default agent until another is named, wherever the session is read', async () => {
    const { owner, store } = await openStore(open);
    const unnamed = await newSession(store, owner);
    expect(await store.sessions.find(unnamed)).toMatchObject({ agent: null });
    const id = randomUUID();
    const session = { id, name: undefined, defaultName: 'New', metadata: {}, agentState: null };
    expect(await store.sessions.create(owner, { ...session, agent: 'helper' })).toMatchObject({
      agent: 'helper',
    });
    const key = { owner, session: id };
    expect(await store.sessions.update(key, { name: 'other' })).toMatchObject({ agent: 'helper' });
    expect((await store.sessions.list(owner, { limit: 9, offset: 0 })).sessions).toMatchObject([
      { id, agent: 'helper' },
      { id: unnamed.session, agent: null },
    ]);
    const found = await store.search.find(owner, { contains: 'other', limit: 9, offset: 0 });
    expect(found).toMatchObject({ sessions: [{ id, agent: 'helper' }] });
    expect(await store.sessions.update(key, { agent: null })).toMatchObject({ agent: null, name: 'other' });
    expect(await store.sessions.find(key)).toMatchObject({ agent: null });
  });
});

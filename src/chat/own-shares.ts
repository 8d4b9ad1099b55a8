// Links that show somebody's session to whoever has them, as it was when they were made.
import type { ShareRow } from '../db/shares.ts';
import type { ChatParts } from './chat-parts.ts';
import { Failure } from './failure.ts';
import { auditOf, type Caller, mayWrite } from './principal.ts';

export function ownShares({ store }: ChatParts, caller: Caller) {
  const { owner } = caller;
  async function mustExist(session: string): Promise<void> {
    if (!(await store.messages.sessionExists({ owner, session }))) throw new Failure('session_not_found');
  }
  return {
    create: async (session: string): Promise<ShareRow> => {
      mayWrite(caller);
      const audit = auditOf(caller, 'session.shared', session);
      const row = await store.shares.create({ owner, session }, newSecret(), audit);
      if (!row) throw new Failure('session_not_found');
      return row;
    },

    /** The newest first. */
    list: async (session: string): Promise<ShareRow[]> => {
      const rows = await store.shares.list({ owner, session });
      if (rows.length === 0) await mustExist(session);
      return rows;
    },

    /** Its link leads nowhere from then on. */
    delete: async (session: string, id: string): Promise<void> => {
      mayWrite(caller);
      const audit = auditOf(caller, 'share.deleted', session);
      if (await store.shares.remove({ owner, session }, id, audit)) return;
      await mustExist(session);
      throw new Failure('share_not_found');
    },
  };
}

/** 128 bits of chance, in 22 letters. */
function newSecret(): string {
  const bytes = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

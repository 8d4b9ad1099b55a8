// The app of whoever has the old turns. Who that is, is said here alone.
import type { Database } from '../../db/database.ts';
import { localOwner } from '../../db/owner.ts';
import type { ChatModel } from '../../models/model.ts';
import { testApp } from '../test-app.ts';

export type OldApp = Awaited<ReturnType<typeof openOldApp>>;

export const openOldApp = (database: Database, model: ChatModel) =>
  testApp(database, { owner: localOwner, model });

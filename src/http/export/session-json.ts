// A session as JSON: its fields and its messages as the API has them.
import { toldOf } from '../../chat/history.ts';
import type { ExportForm } from './exported.ts';

export const jsonForm: ExportForm = {
  mediaType: 'application/json',
  begin: (session) =>
    `{"format":"agentchat.session","version":1,"session":${JSON.stringify(session)},"messages":[`,
  message(entry, _locale, previous) {
    return toldOf(entry)
      .map((row, at) => `${previous === undefined && at === 0 ? '\n' : ',\n'}${JSON.stringify(row)}`)
      .join('');
  },
  end: '\n]}\n',
};

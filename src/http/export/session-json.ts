// A session as JSON: its fields and its messages as the API has them.
import { thoughtEvent } from '../../chat/messages.ts';
import type { ExportForm } from './exported.ts';

export const jsonForm: ExportForm = {
  mediaType: 'application/json',
  begin: (session) =>
    `{"format":"agentchat.session","version":1,"session":${JSON.stringify(session)},"messages":[`,
  message({ message, asked }, _locale, previous) {
    const thought = thoughtEvent(message);
    const rows = [...(thought ? [thought] : []), ...asked, message];
    return rows
      .map((row, at) => `${previous === undefined && at === 0 ? '\n' : ',\n'}${JSON.stringify(row)}`)
      .join('');
  },
  end: '\n]}\n',
};

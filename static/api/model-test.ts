// The server's call that tests a model before it is configured.
import { record, textOf } from './json.ts';
import { requestJson } from './request.ts';

export type TestedModel = { provider: string; config: Record<string, string> };

/** Why it does not work; an empty text where it does. */
export async function testModel(model: TestedModel): Promise<string> {
  const { works, reason } = record(
    await requestJson('api/admin/models/test', { method: 'POST', body: model }),
  );
  return works === true ? '' : textOf(reason);
}

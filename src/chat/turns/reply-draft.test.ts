import { expect, test } from 'bun:test';
import { ReplyDraft } from './reply-draft.ts';

test('a step that is cancelled before its calls are written down is text, and asks for none', () => {
  const draft = new ReplyDraft();
  draft.take({ type: 'calls', calls: [{ id: 'c1', name: 'write', arguments: '{}' }] });
  const [place, model] = [
    { id: 'r', source: 'a' },
    { name: 'm', demo: false },
  ];
  const said = { thought: '', content: 'half' };
  expect(draft.finished(place, model, 'cancelled', said)).not.toHaveProperty('type');
  expect(draft.finished(place, model, 'completed', said)).toHaveProperty('type', 'ToolCallRequestEvent');
});

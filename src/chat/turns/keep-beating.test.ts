import { expect, test } from 'bun:test';
import { createLog } from '../../log.ts';
import { keepBeating } from './keep-beating.ts';

function heard() {
  const messages: string[] = [];
  const write = (line: string) => messages.push(JSON.parse(line).message);
  return { messages, log: createLog({ level: 'info', format: 'json', write }) };
}

test('a beat that hangs is never joined by another; the next comes after it', async () => {
  const hang = Promise.withResolvers<void>();
  let begun = 0;
  const { begin, end } = keepBeating(
    () => (++begun === 2 ? hang.promise : Promise.resolve()),
    5,
    heard().log,
  );
  begin().catch(() => {});
  await Bun.sleep(100);
  expect(begun).toBe(2);
  hang.resolve();
  await Bun.sleep(50);
  expect(begun).toBeGreaterThan(2);
  end();
  const then = begun;
  await Bun.sleep(30);
  expect(begun).toBe(then);
});

test('none follows one that was running at the stop', async () => {
  const hang = Promise.withResolvers<void>();
  let begun = 0;
  const beat = () => {
    begun++;
    return hang.promise;
  };
  const { begin, end } = keepBeating(beat, 5, heard().log);
  begin().catch(() => {});
  await Bun.sleep(30);
  end();
  hang.resolve();
  await Bun.sleep(30);
  expect(begun).toBe(1);
});

test('a database that goes away and comes back is told of once each', async () => {
  const { messages, log } = heard();
  let n = 0;
  const beat = async () => {
    if (++n < 4) throw new Error('away');
  };
  const { begin, end } = keepBeating(beat, 2, log);
  begin().catch(() => {});
  await Bun.sleep(80);
  end();
  expect(messages).toEqual(['the database does not answer', 'the database is back']);
});

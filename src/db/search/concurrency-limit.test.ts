import { expect, test } from 'bun:test';
import { atMost } from './concurrency-limit.ts';

/** Works that end when they are told to; `told` says in which order they began and were sent away. */
function crowd(limits: Partial<Parameters<typeof atMost>[0]> = {}) {
  const one = atMost<string>({ most: 3, ofOne: 2, waiting: 4, waitMs: 60_000, ...limits });
  const told: string[] = [];
  const ends = new Map<string, () => void>();
  /** Of whom it is, its name's first letter says. */
  const come = async (name: string): Promise<void> => {
    const result = await one(name[0] ?? '', () => {
      told.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
    if (result === 'busy') told.push(`${name} busy`);
  };
  const settled = () => Bun.sleep(1);
  return {
    told,
    come: async (...names: string[]) => {
      for (const name of names) {
        void come(name);
        await settled();
      }
    },
    end: async (name: string) => {
      ends.get(name)?.();
      await settled();
    },
  };
}

test('one owner’s leave a place for others', async () => {
  const { told, come, end } = crowd();
  await come('a1', 'a2', 'a3', 'b1');
  expect(told).toEqual(['a1', 'a2', 'b1']);
  await end('b1');
  expect(told).toEqual(['a1', 'a2', 'b1']);
  await end('a1');
  expect(told).toEqual(['a1', 'a2', 'b1', 'a3']);
});

test('the next is whose fewest run, and of these who came first', async () => {
  const { told, come, end } = crowd({ most: 2, ofOne: 2 });
  await come('a1', 'a2', 'a3', 'b1', 'c1');
  await end('a1');
  await end('b1');
  await end('a2');
  expect(told).toEqual(['a1', 'a2', 'b1', 'c1', 'a3']);
});

test('where all places to wait are taken, the last one goes of whoever has the most', async () => {
  const { told, come, end } = crowd({ most: 1, ofOne: 1 });
  await come('a1', 'a2', 'a3', 'a4', 'a5', 'a6');
  expect(told).toEqual(['a1', 'a6 busy']);
  await come('b1', 'c1', 'c2');
  expect(told).toEqual(['a1', 'a6 busy', 'a5 busy', 'a4 busy', 'c2 busy']);
  told.length = 0;
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1']) await end(name);
  expect(told).toEqual(['a2', 'a3', 'b1', 'c1']);
});

test('who waits for too long is told so, and leaves their place', async () => {
  const { told, come, end } = crowd({ most: 1, ofOne: 1, waitMs: 20 });
  await come('a1', 'b1');
  await Bun.sleep(60);
  expect(told).toEqual(['a1', 'b1 busy']);
  await end('a1');
  await come('b2');
  expect(told).toEqual(['a1', 'b1 busy', 'b2']);
});

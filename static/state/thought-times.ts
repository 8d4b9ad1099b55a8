// How long replies were thought about, as this browser saw it: the server does not keep it.
import { list, numberOf, parseJson, textOf } from '../api/json.ts';
import type { Storage } from './storage.ts';

export type ThoughtTimes = {
  read: (messageId: string) => number | null;
  keep: (messageId: string, ms: number) => void;
};

const most = 300;

export function createThoughtTimes(storage: Storage): ThoughtTimes {
  const stored = () =>
    list(parseJson(storage.read('thought-times') ?? '')).map((pair) => {
      const [id, ms] = list(pair);
      return [textOf(id), numberOf(ms)] as const;
    });
  let times = new Map(stored());
  return {
    read: (messageId) => times.get(messageId) ?? null,
    keep(messageId, ms) {
      // Another tab may have added some.
      times = new Map([...times, ...stored(), [messageId, Math.round(ms)]]);
      storage.write('thought-times', JSON.stringify([...times].slice(-most)));
    },
  };
}

// What every part of a run shares.
import type { Api } from './api.ts';
import type { Clock } from './clock.ts';
import type { ChaosOptions } from './options.ts';
import type { Reader } from './reader.ts';
import type { ChaosRecord, Sent } from './record.ts';

export type World = {
  options: ChaosOptions;
  record: ChaosRecord;
  api: Api;
  clock: Clock;
  /** Streams that clients left, to come back to when everything else is over. */
  leftForLater: { reader: Reader; sent: Sent | undefined }[];
};

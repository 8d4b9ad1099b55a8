export const wordsEn = {
  cannotFork: 'No new session could be made of it.',
  versions: 'Versions',
  previous: 'Previous version',
  next: 'Next version',
  versionOf: 'Version {n} of {count}',
  fork: 'Go on from here in a new session',
  edited: 'Your message, said otherwise',
  send: 'Send',
  cancel: 'Cancel',
  kept: 'What was said here stays, as another version.',
};

export type Word = keyof typeof wordsEn;

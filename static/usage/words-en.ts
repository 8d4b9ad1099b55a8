// What is said of an account and its limits, and before a sign-out, in English. {name} stands for a value.

export const wordsEn = {
  roleViewer: 'Reader',
  roleMember: 'Member',
  roleAdmin: 'Administrator',
  administration: 'Administration',
  signOutTitle: 'Sign out and lose what was not sent?',
  signOutUnsent: 'This is only in this browser, and is removed with the sign-out:',
  unsentMessages: 'Messages on their way: {count}',
  unsentDrafts: 'Drafts: {count}',
  stay: 'Stay signed in',
  signOutAnyway: 'Sign out all the same',
  limitRequests: 'Requests this minute',
  limitRunning: 'Replies at once',
  limitTurns: 'Messages today',
  limitTokens: 'Tokens today',
  limitCost: 'Cost this month',
  limitsOfKey: 'Besides, the key you signed in with may use:',
  leftOf: '{left} of {most} left',
  heldForTurns: 'Held for messages that are being answered; it goes on as soon as one of them has been.',
  usedToday: 'Used today: {turns} messages, {tokens} tokens',
  usedMonth: 'Cost this month: {cost}',
};

export type Word = keyof typeof wordsEn;

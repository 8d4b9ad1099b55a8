// What the sign-in says in English.

export const wordsEn = {
  signInTitle: 'Sign in to AgentChat',
  signInText: 'Your conversations are shown once the server knows who you are.',
  signInAgainText:
    'The sign-in of {owner} has ended. What was written is kept, and goes on once they have signed in again.',
  signInProvider: 'Continue with single sign-on',
  or: 'or',
  key: 'Access key',
  keyHint: 'You get one from whoever runs this server. It is not kept in this browser.',
  showKey: 'Show the key',
  hideKey: 'Hide the key',
  signInWithKey: 'Sign in with the key',
  signingIn: 'Signing in…',
  wrongKey:
    'This key is not good here: it is mistyped, has expired or was revoked. Check it, or ask for a new one.',
  signInByProxy:
    'The proxy before this server says who you are, and it named nobody. Open this page under the proxy’s address.',
  signInNoWay: 'This server offers no sign-in on the page. Ask whoever runs it.',
  signInCancelled: 'The sign-in was broken off. Try again, or choose another way.',
  signInExpired: 'The sign-in took too long, or was begun in another browser. Please begin it again.',
  signInEmailUnverified:
    'Your provider has not verified your email address. Verify it there, then sign in again.',
  signInNotAllowed: 'You signed in, but may not use this server. Ask whoever runs it to let you in.',
  signInProviderAway: 'The provider of the sign-in cannot be reached. Try again in a moment.',
  signInTooMany: 'Too many sign-ins from this address came to nothing. Wait a minute, then try again.',
  signInFailed: 'The sign-in did not work. Try again; if it stays so, tell whoever runs this server.',
};

export type Word = keyof typeof wordsEn;

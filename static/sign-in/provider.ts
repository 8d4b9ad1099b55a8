// The way to a provider's sign-in, and what it led back with.
import { chatPath } from '../state/install.ts';
import { routedSession } from '../state/route.ts';
import type { Word } from './words-en.ts';

/** A navigation: it leads back to the page that is open now. What is after a `#` no server hears. */
export function providerAddress(): string {
  const id = location.pathname === chatPath ? routedSession() : null;
  const query = id === null ? '' : `?session=${encodeURIComponent(id)}`;
  return `api/sign-in/oidc?to=${encodeURIComponent(location.pathname + query)}`;
}

const sentences: Record<string, Word> = {
  access_denied: 'signInCancelled',
  email_unverified: 'signInEmailUnverified',
  expired: 'signInExpired',
  not_allowed: 'signInNotAllowed',
  provider_away: 'signInProviderAway',
  provider_failed: 'signInFailed',
  too_many_attempts: 'signInTooMany',
};

/** Why it did not come to a sign-in, or null. It leaves the address. */
export function takeSignInError(): Word | null {
  const query = new URLSearchParams(location.search);
  const code = query.get('sign_in_error');
  if (code === null) return null;
  query.delete('sign_in_error');
  const rest = query.size > 0 ? `?${query}` : '';
  history.replaceState(history.state, '', location.pathname + rest + location.hash);
  return sentences[code] ?? 'signInFailed';
}

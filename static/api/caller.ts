// Whom the page speaks for, told with each call. A browser has one cookie for all its tabs, and another owner may have
// signed in in one of them: the server then refuses what is meant for the first.

let named: string | null = null;

/** From now on all calls are this owner's; null for whoever the server says. */
export function speakFor(owner: string | null): void {
  named = owner;
}

export const callerHeaders = (): Record<string, string> =>
  named === null ? {} : { 'X-Signed-In-As': encodeURIComponent(named) };

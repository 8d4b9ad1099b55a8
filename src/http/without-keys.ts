// A path as it is told and logged: a key that somebody put there by mistake is not told on.

export const withoutKeys = (path: string): string => path.replace(/ack_[\w-]{43}/g, 'ack_…');

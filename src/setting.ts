// One setting: how a variable of the environment is read, and what is said of one that is wrong.
import { z } from 'zod';

/** A setting that is wrong. The message is one line: its name, what it was, what it may be. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/** A whole number of that range. */
export const wholeNumber = (name: string, minimum: number, maximum: number, fallback: number) =>
  setting(name, `a whole number from ${minimum} to ${maximum}`, fallback, (text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    return value >= minimum && value <= maximum ? value : undefined;
  });

/** One of these words, in whatever case. */
export const oneOf = <const T extends string>(name: string, values: readonly T[], fallback: T) =>
  setting(name, values.join(', ').replace(/, ([^,]*)$/, ' or $1'), fallback, (text) =>
    values.find((value) => value.toLowerCase() === text.toLowerCase()),
  );

export const yesOrNo = (name: string, fallback: boolean) =>
  setting(name, 'true or false', fallback, (text) =>
    /^(true|1|yes|on)$/i.test(text) ? true : /^(false|0|no|off)$/i.test(text) ? false : undefined,
  );

export const anyText = (name: string, fallback: string) => setting(name, 'text', fallback, (text) => text);

/** One variable: unset and empty mean `fallback`; what `read` does not know stops the start. */
export function setting<T>(
  name: string,
  allowed: string,
  fallback: T,
  read: (text: string) => T | undefined,
) {
  return z
    .string()
    .optional()
    .transform((raw, context): T => {
      const text = raw?.trim() ?? '';
      if (text === '') return fallback;
      const value = read(text);
      if (value !== undefined) return value;
      context.addIssue({
        code: 'custom',
        message: `${name} is ${JSON.stringify(text)}; it must be ${allowed}`,
      });
      return z.NEVER;
    });
}

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A time such as `7d`, in seconds: of seconds (s), minutes (m), hours (h) or days (d), up to a year. */
export const duration = (name: string, fallback: number) =>
  setting(name, 'a time such as 7d, 12h, 30m or 90s, up to 365d', fallback, (text) => {
    const [, count = '', unit = ''] = /^(\d{1,8})([smhd])$/.exec(text) ?? [];
    const seconds = Number(count) * (unitSeconds[unit] ?? 0);
    return seconds > 0 && seconds <= 365 * 86_400 ? seconds : undefined;
  });

/** What is between the commas, or in a JSON array of strings, as Python's settings write a list. */
export function listOf(text: string): string[] | undefined {
  const parts = text.startsWith('[') ? jsonList(text) : text.split(',');
  return parts?.map((part) => part.trim()).filter((part) => part !== '');
}

function jsonList(text: string): string[] | undefined {
  try {
    return z.array(z.string()).safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

// The languages that callers read, and texts in all of them.

export type Locale = 'zh-CN' | 'en';

export type Bilingual = Record<Locale, string>;

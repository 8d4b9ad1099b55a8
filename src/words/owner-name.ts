// What an owner may be called. A name is taken as it is written, and nothing is taken off it or made the same: two
// strings are never one owner. So what would make a name look like another's, at its ends, is refused.
import { everyOwner } from './access.ts';
import type { Bilingual } from './bilingual.ts';

/** The longest name that an owner may have, in characters. */
export const longestOwnerName = 200;

export const isOwnerName = (name: string): boolean => nameFault(name) === undefined;

/** Why nobody may be called so, to go on with behind what it is the name of; undefined of a name. */
export function nameFault(name: string): Bilingual | undefined {
  if (name === '' || name.length > 2 * longestOwnerName || [...name].length > longestOwnerName)
    return {
      en: `must have 1 to ${longestOwnerName} characters`,
      'zh-CN': `须为 1 到 ${longestOwnerName} 个字符`,
    };
  if (name === everyOwner)
    return {
      en: `must not be ${everyOwner}, which stands for everybody`,
      'zh-CN': `不能是 ${everyOwner}，它代表所有人`,
    };
  return faults.find(({ is }) => is(name))?.why;
}

type Fault = { is: (name: string) => boolean; why: Bilingual };

const has =
  (pattern: RegExp) =>
  (name: string): boolean =>
    pattern.test(name);

/** What is not seen: spaces of any kind, the blank of Braille, and characters without a shape. */
const unseen = String.raw`[\s\u2800\p{Cf}\p{Default_Ignorable_Code_Point}]`;

/** A flag is written as a black one, its letters, which are not seen, and their end. */
const flag = (letters: string): string =>
  `\u{1f3f4}${[...letters].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')}\u{e007f}`;

/** What ends with a character that is not seen, and that people type, because it is seen in what stands before it. */
const seenTogether = [
  // Which shape a sign has, as phones write it: ❤️.
  String.raw`\p{Extended_Pictographic}[\ufe0e\ufe0f]`,
  // Which shape of a Chinese character a name is registered with: 辺󠄀.
  String.raw`\p{Unified_Ideograph}[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`,
  // A letter that older keyboards write with a joiner: of Hindi, Bengali and Malayalam.
  String.raw`[\u094d\u09cd\u0d4d]\u200d`,
  String.raw`(?=\p{L})\p{Script=Mongolian}[\u180b-\u180d\u180f]`,
  // England, Scotland and Wales: of others no font has a flag, and anything might be hidden in one.
  ...['gbeng', 'gbsct', 'gbwls'].map(flag),
].join('|');

const endsSeen = has(new RegExp(`(?:${seenTogether})$`, 'u'));
const endsUnseen = has(new RegExp(`${unseen}$`, 'u'));

/** The first that is true of a name says what is wrong with it. */
const faults: readonly Fault[] = [
  {
    is: (name) => !name.isWellFormed() || name.includes('\ufffd'),
    why: {
      en: 'has what is no character of UTF-8 (or U+FFFD, which stands for it): send the name in UTF-8',
      'zh-CN': '含有不是 UTF-8 的内容（或代表它的 U+FFFD）：请以 UTF-8 发送名称',
    },
  },
  {
    is: has(/\p{Cc}/u),
    why: { en: 'has a control character: take it out', 'zh-CN': '含有控制字符，请将其去掉' },
  },
  {
    is: has(/[\u202a-\u202e\u2066-\u2069]/u),
    why: {
      en: 'has a character that turns the direction of text: take it out',
      'zh-CN': '含有改变文字方向的字符，请将其去掉',
    },
  },
  {
    is: has(new RegExp(`^${unseen}`, 'u')),
    why: {
      en: 'begins with a space, or a character that cannot be seen: take it out',
      'zh-CN': '以空格或不可见字符开头，请将其去掉',
    },
  },
  {
    is: has(/^[\p{Mn}\p{Me}]/u),
    why: {
      en: 'begins with a mark that belongs to a letter before it: put that letter there, or take it out',
      'zh-CN': '以附加在前一个字符上的符号开头：请补上那个字符，或将符号去掉',
    },
  },
  {
    is: (name) => endsUnseen(name) && !endsSeen(name),
    why: {
      en: 'ends with a space, or a character that cannot be seen there: take it out',
      'zh-CN': '以空格或在此处不可见的字符结尾，请将其去掉',
    },
  },
];

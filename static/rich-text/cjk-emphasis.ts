// Emphasis beside Chinese, Japanese and Korean text. Those languages put no spaces between words, so by the
// letter of CommonMark the stars of **“你好”**后 stay stars. Here a letter of theirs counts as a boundary.

const letter = '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}ー';
const sign = '(?!~)[\\p{P}\\p{S}]';

/** The rules for `*` with that change; `undefined` where marked's own are not what they are known to be. */
export function withCjkEmphasis<Rules extends Record<string, unknown>>(inline: Rules): Rules {
  const closing = inline.emStrongRDelimAst;
  if (!(closing instanceof RegExp)) return inline;
  const opensOnly = `(?!\\*)(?!~)[\\s\\p{P}\\p{S}](\\*+)(?=(?:[^\\s\\p{P}\\p{S}]|~))`;
  const either = `(?!\\*)${sign}(\\*+)(?!\\*)(?=${sign})`;
  const source = closing.source
    .replace(opensOnly, `(?!${sign}\\*+[${letter}])${opensOnly}`)
    .replace(either, `(?!\\*)${sign}(\\*+)(?!\\*)(?=${sign}|[${letter}])`);
  return {
    ...inline,
    emStrongRDelimAst: new RegExp(source, closing.flags),
    punctuation: new RegExp(`^((?![*_])[\\s\\p{P}\\p{S}${letter}])`, 'u'),
  };
}

// The name of a file as it is stored and shown: a name, and nothing that is read as anything else.

const mostCharacters = 255;
/** What has no width, or turns the direction of writing, so that a name reads as another than it is. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Of a path the last part. Where nothing is left, `file`. */
export function fileNameOf(given: string): string {
  const last = given.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const name = last.replaceAll(unseen, '').replaceAll('\ufffd', '').trim();
  return /^\.*$/.test(name) ? 'file' : shortened(name);
}

/** The end stays: it says what kind of file it is. */
function shortened(name: string): string {
  const characters = [...name];
  if (characters.length <= mostCharacters) return name;
  const ending = /\.[^.]{1,20}$/u.exec(name)?.[0] ?? '';
  return characters.slice(0, mostCharacters - [...ending].length).join('') + ending;
}

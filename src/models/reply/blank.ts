// What a text is in which there is nothing to see.

/** Neither space nor control character, nor one that fonts draw nothing for; with those alone, an emoji is one too. */
const visible = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;

export const isBlank = (text: string): boolean => !visible.test(text);

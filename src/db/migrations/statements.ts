// SQL seen as statements, as far as migrations need it: what is comment, what is text, where one ends.

// Group 1 is what is no comment: text, a quoted name, or a block between dollar signs.
const token =
  /([eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\2\$)|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** The statements between the breakpoints of a migration's file, without comments and the last semicolon. */
export function statementsOf(file: string): string[] {
  return file
    .split('--> statement-breakpoint')
    .map((part) => withoutComments(part).trim().replace(/;$/, '').trim())
    .filter((statement) => statement !== '');
}

function withoutComments(text: string): string {
  return text.replace(token, (_, kept: string | undefined) => kept ?? ' ');
}

/** True when `statement` is in fact several, which PGlite refuses. */
export function isSeveral(statement: string): boolean {
  return statement.replace(token, '').includes(';');
}

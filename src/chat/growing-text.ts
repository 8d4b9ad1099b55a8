// A text that grows by pieces, kept in few strings.

/** So many pieces become one string, once as many newer ones have come: who reads along finds each as it came. */
const piecesPerPart = 16;

/**
 * A string costs some fifty bytes beside its text. So does each `+=`, whose result keeps both operands until it is
 * first read. A process holds the texts of all replies that are being generated.
 */
export class GrowingText {
  readonly #parts: string[] = [];
  /** The newest pieces, and those before them. */
  #newest: string[] = [];
  #before: string[] = [];
  #length = 0;

  /** In UTF-16 characters. */
  get length(): number {
    return this.#length;
  }

  push(piece: string): void {
    this.#length += piece.length;
    if (this.#newest.push(piece) < piecesPerPart) return;
    if (this.#before.length > 0) this.#parts.push(this.#before.join(''));
    this.#before = this.#newest;
    this.#newest = [];
  }

  /**
   * What follows the first `offset` characters, at most `most` strings of it: the newest pieces as they came, older
   * ones joined.
   */
  after(offset: number, most = Number.POSITIVE_INFINITY): string[] {
    let missing = this.#length - offset;
    const last = this.#newest.at(-1) ?? this.#before.at(-1);
    // Who reads along takes each piece as it comes, fifty thousand times a second for a thousand readers.
    if (last !== undefined && last.length === missing) return [last];
    const found: string[] = [];
    for (const pieces of [this.#newest, this.#before, this.#parts]) {
      for (let index = pieces.length - 1; missing > 0 && index >= 0; index--) {
        const piece = pieces[index] ?? '';
        // Of the first of them the beginning may be before `offset`.
        found.push(missing < piece.length ? piece.slice(-missing) : piece);
        missing -= piece.length;
      }
    }
    return found.reverse().slice(0, most);
  }

  toString(): string {
    return [...this.#parts, ...this.#before, ...this.#newest].join('');
  }
}

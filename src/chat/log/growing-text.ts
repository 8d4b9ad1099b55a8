// A text that grows by pieces, kept in few strings.

/** So many pieces become one string, once as many newer ones have come: who reads along finds each as it came. */
const piecesPerPart = 16;

/**
 * A string costs some fifty bytes beside its text. So does each `+=`, whose result keeps both operands until it is
 * first read. A process holds the texts of all replies that are being generated.
 */
export class GrowingText {
  readonly #parts: string[] = [];
  /** How long the text is with each of the parts. */
  readonly #ends: number[] = [];
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
    if (this.#before.length > 0) {
      const part = this.#before.join('');
      this.#parts.push(part);
      this.#ends.push((this.#ends.at(-1) ?? 0) + part.length);
    }
    this.#before = this.#newest;
    this.#newest = [];
  }

  /**
   * What follows the first `offset` characters, at most `most` strings of it: the newest pieces as they came, older
   * ones joined.
   */
  after(offset: number, most = Number.POSITIVE_INFINITY): string[] {
    const missing = this.#length - offset;
    const last = this.#newest.at(-1) ?? this.#before.at(-1);
    // Who reads along takes each piece as it comes, fifty thousand times a second for a thousand readers.
    if (last !== undefined && last.length === missing) return [last];
    const found: string[] = [];
    const first = firstAbove(this.#ends, offset);
    let at = this.#ends[first - 1] ?? 0;
    for (const pieces of [this.#parts, this.#before, this.#newest]) {
      for (let index = pieces === this.#parts ? first : 0; index < pieces.length; index++) {
        if (found.length >= most) return found;
        const piece = pieces[index] ?? '';
        // Of the first of them the beginning may be before `offset`.
        if (at + piece.length > offset) found.push(at < offset ? piece.slice(offset - at) : piece);
        at += piece.length;
      }
    }
    return found;
  }

  toString(): string {
    return [...this.#parts, ...this.#before, ...this.#newest].join('');
  }
}

/** Where the first number above `limit` stands, of numbers that never fall; behind the last, if none is. */
function firstAbove(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

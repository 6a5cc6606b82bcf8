/** An edge of the tree: a piece of text, and what follows it. */
interface Edge<T> {
  piece: string;
  value: T | undefined;
  next: Map<string, Edge<T>>;
}

/**
 * Texts with a value each. It finds those with which another text begins, in a time that depends only on the length of
 * this text.
 *
 * @example new PrefixTree<number>().add('/a/', 1).find('/a/b') // 1
 */
export class PrefixTree<T> {
  readonly #root: Edge<T> = { piece: '', value: undefined, next: new Map() };

  /** Adds a text, unless the tree already has it. */
  add(text: string, value: T): this {
    let edge = this.#root;
    for (let at = 0; at < text.length; ) {
      const below = edge.next.get(text[at]!);
      if (!below) {
        edge.next.set(text[at]!, { piece: text.slice(at), value, next: new Map() });
        return this;
      }
      const length = commonLength(below.piece, text, at);
      edge = length === below.piece.length ? below : splitAfter(edge, below, length);
      at += length;
    }
    edge.value ??= value;
    return this;
  }

  /** Returns the value of the shortest text with which `text` begins. */
  find(text: string): T | undefined {
    let edge = this.#root;
    let at = 0;
    while (edge.value === undefined) {
      const below = edge.next.get(text[at] ?? '');
      if (!below || !text.startsWith(below.piece, at)) return undefined;
      at += below.piece.length;
      edge = below;
    }
    return edge.value;
  }
}

/** Returns how many characters `text` has in common with `piece`, from `at` on. */
function commonLength(piece: string, text: string, at: number): number {
  let length = 0;
  while (length < piece.length && piece[length] === text[at + length]) length++;
  return length;
}

/** Divides an edge in two, and returns the first one. */
function splitAfter<T>(above: Edge<T>, edge: Edge<T>, length: number): Edge<T> {
  const rest = { ...edge, piece: edge.piece.slice(length) };
  const first = { piece: edge.piece.slice(0, length), value: undefined, next: new Map([[rest.piece[0]!, rest]]) };
  above.next.set(first.piece[0]!, first);
  return first;
}

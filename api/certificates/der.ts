/** Encodes one DER element (X.690): tag, length, value. */
export function tlv(tag: number, value: Uint8Array): Uint8Array<ArrayBuffer> {
  const length: number[] = [];
  for (let rest = value.length; rest > 0; rest >>= 8) length.unshift(rest & 0xff);
  const header = value.length < 0x80 ? [tag, value.length] : [tag, 0x80 | length.length, ...length];
  return new Uint8Array([...header, ...value]);
}

/** One DER element. */
export interface Element {
  tag: number;
  value: Uint8Array<ArrayBuffer>;
  /** The index of the first byte after the element. */
  end: number;
}

/**
 * Decodes the element at an index. Returns undefined when the element is truncated, has an indefinite length, or has a
 * length of more than three bytes.
 */
export function element(der: Uint8Array<ArrayBuffer>, at = 0): Element | undefined {
  const [tag, first] = [der[at], der[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  let [start, length] = [at + 2, first];
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 3) return undefined;
    length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + (der[start + index] ?? 0);
    start += count;
  }
  const end = start + length;
  return end <= der.length ? { tag, value: der.subarray(start, end), end } : undefined;
}

/**
 * Returns the tags of the first members of a sequence, at most `most` of them. Returns none when the bytes are not a
 * sequence.
 */
export function memberTags(der: Uint8Array<ArrayBuffer>, most: number): number[] {
  const sequence = element(der);
  const tags: number[] = [];
  if (sequence?.tag !== 0x30) return tags;
  for (let at = 0; tags.length < most; ) {
    const member = element(sequence.value, at);
    if (!member) break;
    tags.push(member.tag);
    at = member.end;
  }
  return tags;
}

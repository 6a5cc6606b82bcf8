/** Lines of the feed that were prepared together. Any number of responses can send them. */
export interface Batch {
  readonly lines: readonly Uint8Array[];
  /** The size of all lines, in bytes. */
  readonly size: number;
}

export const batchOf = (lines: readonly Uint8Array[]): Batch => ({
  lines,
  size: lines.reduce((sum, { byteLength }) => sum + byteLength, 0),
});

/** The size of one chunk of a response. A reader that reads slowly makes the API hold whole lines otherwise. */
const CHUNK = 64 * 1024;

/** Divides a line into chunks. They share its memory. */
export function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += CHUNK) chunks.push(bytes.subarray(at, at + CHUNK));
  return chunks;
}

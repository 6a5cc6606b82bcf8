import { promisify } from 'node:util';
import { constants, deflate, gzip, zstdCompress } from 'node:zlib';
import type { Compression } from './http/encoding.ts';

/**
 * The compressors. They run in threads beside the event loop, at fast levels, because slower levels save too few bytes
 * for their CPU time.
 */
const coders = {
  zstd: (body: string | Uint8Array) =>
    promisify(zstdCompress)(body, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
  gzip: (body: string | Uint8Array) => promisify(gzip)(body, { level: 4 }),
  deflate: (body: string | Uint8Array) => promisify(deflate)(body, { level: 4 }),
};

export const compression: Compression = {
  codings: Object.keys(coders),
  compress: (coding, body) => coders[coding as keyof typeof coders](body) as Promise<Uint8Array<ArrayBuffer>>,
};

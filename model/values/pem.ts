/** One block of PEM (RFC 7468), such as a certificate. */
export interface PemBlock {
  /** The text after `BEGIN`, such as `CERTIFICATE`. */
  label: string;
  /**
   * The decoded body. Empty when the body is not base64. Readers then reject the block, because valid DER is never
   * empty.
   */
  der: Uint8Array<ArrayBuffer>;
  encrypted: boolean;
}

/**
 * Finds the PEM blocks of a text, in order. It accepts texts that do not follow RFC 7468 exactly:
 *
 * - The lines may end in CRLF, or in the two characters `\` and `n`, or may be indented or joined into one line.
 * - Blocks may follow each other without a line end between them, and other text may surround them.
 * - The text may begin with a byte order mark.
 * - The whole text may be encoded in base64 once more, as in a Kubernetes Secret.
 *
 * @returns an empty list when the text has no PEM block
 */
export function pemBlocks(text: string): PemBlock[] {
  const plain = decodedSecret(text) ?? text;
  // A shell, a `.env` file or JSON inside JSON may replace each line end by a backslash and a letter.
  // Only the first of several backslashes begins a match: otherwise many of them take a time quadratic in their number.
  const lines = plain.replace(/(?<!\\)\\+[rnt]/g, '\n');
  return [...lines.matchAll(BLOCK)].map(([, label = '', body = '']) => ({
    label: label.trim().replace(/\s+/g, ' '),
    der: decode(body),
    // PKCS#8 says in the label that the key is encrypted. Older formats say it in a header (RFC 1421 §4.6.1.1).
    encrypted: label.startsWith('ENCRYPTED') || /Proc-Type:[^-]*ENCRYPTED/.test(body),
  }));
}

/**
 * The largest certificate, in bytes of DER. Those of public authorities have a few thousand, and clients do not accept
 * a chain much larger than this. The parser takes long for large ones.
 */
export const LARGEST_CERTIFICATE = 32_768;

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----((?:[^-]|-(?!----))*)-----END \1-----/g;

/** Writes one PEM block, in lines of 64 columns and with a final line end. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines = base64(der).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function decodedSecret(text: string): string | undefined {
  // The base64 of a text that begins with `-----` begins with these characters.
  if (!/^\s*LS0tLS/.test(text)) return undefined;
  const bytes = decode(text);
  return bytes.length > 0 ? new TextDecoder().decode(bytes) : undefined;
}

function decode(body: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(body.replace(/\s+/g, '')), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Returns a readable name for blocks with this label, with its article: `a private key`. */
export function describeLabel(label: string): string {
  if (/^(NEW )?CERTIFICATE REQUEST$/.test(label)) return 'a certificate signing request (CSR)';
  if (/PRIVATE KEY$/.test(label)) return 'a private key';
  if (/PUBLIC KEY$/.test(label)) return 'a public key';
  if (label === 'X509 CRL') return 'a revocation list';
  if (label === 'PKCS7' || label === 'CMS') return 'a PKCS#7 bundle; convert it with `openssl pkcs7 -print_certs`';
  if (/CERTIFICATE$/.test(label)) return 'a certificate';
  return `a block of ${label}`;
}

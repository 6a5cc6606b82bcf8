/**
 * PEM (RFC 7468) as people have it: on one line, indented, with blocks glued together, CRLF, `\n` spelled out, a byte
 * order mark, text and attributes around the blocks.
 */
export interface PemBlock {
  label: string;
  /** Empty when the body is not base64. No DER is empty, so the reader rejects it. */
  der: Uint8Array<ArrayBuffer>;
  encrypted: boolean;
}

/**
 * The blocks of a text, in order. If all the text is base64, as a Kubernetes Secret stores a file, it is decoded first.
 */
export function pemBlocks(text: string): PemBlock[] {
  const plain = fromSecret(text) ?? text;
  // Line ends as a shell, a `.env` file or JSON inside JSON leaves them.
  const lines = plain.replace(/\\+[rnt]/g, '\n');
  return [...lines.matchAll(block)].map(([, label = '', body = '']) => ({
    label: label.trim().replace(/\s+/g, ' '),
    der: decode(body),
    // RFC 1421 headers of the traditional formats.
    encrypted: label.startsWith('ENCRYPTED') || /Proc-Type:[^-]*ENCRYPTED/.test(body),
  }));
}

const block = /-----BEGIN ([A-Z0-9 ]{1,64})-----((?:[^-]|-(?!----))*)-----END \1-----/g;

/** One block with lines of 64 columns and a final line end. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines = base64(der).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function fromSecret(text: string): string | undefined {
  // The base64 of five hyphens begins like this.
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

/** A readable name of a block's type, by label. */
export function describeLabel(label: string): string {
  if (/^(NEW )?CERTIFICATE REQUEST$/.test(label)) return 'a certificate signing request (CSR)';
  if (/PRIVATE KEY$/.test(label)) return 'a private key';
  if (/PUBLIC KEY$/.test(label)) return 'a public key';
  if (label === 'X509 CRL') return 'a revocation list';
  if (label === 'PKCS7' || label === 'CMS') return 'a PKCS#7 bundle; convert it with `openssl pkcs7 -print_certs`';
  if (/CERTIFICATE$/.test(label)) return 'a certificate';
  return `a block of ${label}`;
}

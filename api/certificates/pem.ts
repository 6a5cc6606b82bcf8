/** DER of every block of one PEM label, in order. */
export function pemBlocks(text: string, label: RegExp): { label: string; der: Uint8Array<ArrayBuffer> }[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \1-----/g);
  return [...blocks].flatMap(([, name = '', body = '']) => {
    if (!label.test(name)) return [];
    return [{ label: name, der: decode(body) }];
  });
}

/** Empty when it is not base64: no DER is, so whoever reads it refuses it. */
function decode(body: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(body.replace(/\s+/g, '')), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}

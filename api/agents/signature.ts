/**
 * Verifies an Ed25519 signature (RFC 8032).
 *
 * @param publicKey the base64 of 32 bytes
 * @param signature the base64 of 64 bytes
 */
export async function isSigned(text: string, publicKey: string, signature: string): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', bytesOf(publicKey), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, bytesOf(signature), new TextEncoder().encode(text));
  } catch {
    // The bytes are no point of the curve.
    return false;
  }
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

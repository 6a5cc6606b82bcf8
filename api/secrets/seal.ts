import { WrongSetting } from '../../wire/wrong-setting.ts';

/**
 * Encrypts texts with AES-256-GCM and the sealing keys from the settings. Each envelope contains the id of the key that
 * decrypts it. To rotate keys, the operator adds a new key at the start of the list. The new key seals new envelopes,
 * and the old keys still open the old envelopes.
 */
export class Sealer {
  readonly #keys: ReadonlyMap<string, CryptoKey>;
  readonly #current: string;

  private constructor(keys: Map<string, CryptoKey>, current: string) {
    this.#keys = keys;
    this.#current = current;
  }

  /**
   * @param list comma-separated keys, each as `id:` and the base64 of 32 bytes; the first key seals
   * @throws WrongSetting with the position of an invalid entry, or the positions of two entries with the same id. It
   *   never quotes an entry: the key may be where the id belongs.
   */
  static async from(list: string): Promise<Sealer> {
    const keys = new Map<string, CryptoKey>();
    const positions = new Map<string, number>();
    for (const [index, entry] of list.split(',').entries()) {
      const [, id, encoded] = /^([\w-]{1,32}):(.+)$/.exec(entry.trim()) ?? [];
      const bytes = decode(encoded ?? '');
      if (id === undefined || bytes.length !== 32)
        throw new WrongSetting(
          `GATEHOUSE_SEALING_KEYS: entry ${index + 1} must be ID:KEY. ID has 1 to 32 letters, digits, - or _. ` +
            'KEY is the base64 of 32 bytes, for example the output of `openssl rand -base64 32`.',
        );
      const earlier = positions.get(id);
      if (earlier !== undefined)
        throw new WrongSetting(
          `GATEHOUSE_SEALING_KEYS: the entries ${earlier} and ${index + 1} have the same id. Each key needs an id of its own, because the id is stored with everything that the key seals.`,
        );
      positions.set(id, index + 1);
      keys.set(id, await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']));
    }
    return new Sealer(keys, keys.keys().next().value as string);
  }

  /** The ids of the keys, in the order of the list. */
  get ids(): string[] {
    return [...this.#keys.keys()];
  }

  /**
   * @param context text that is authenticated but not stored, so that an envelope that is moved to another tenant or
   *   another certificate does not open
   * @param keyId the id of the key that seals, one of `ids`; default the first
   */
  async seal(plain: string, context: string, keyId = this.#current): Promise<{ keyId: string; sealed: string }> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const additionalData = new TextEncoder().encode(`${context} ${keyId}`);
    const key = this.#keys.get(keyId) as CryptoKey;
    const sealed = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv, additionalData },
      key,
      new TextEncoder().encode(plain),
    );
    return { keyId, sealed: encode(iv, new Uint8Array(sealed)) };
  }

  /** @throws Error when the key is not in the settings, or the envelope was changed */
  async open({ keyId, sealed }: { keyId: string; sealed: string }, context: string): Promise<string> {
    const key = this.#keys.get(keyId);
    if (!key) throw new Error(`sealing key ${keyId} is not configured`);
    const bytes = decode(sealed);
    const additionalData = new TextEncoder().encode(`${context} ${keyId}`);
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: bytes.subarray(0, 12), additionalData },
      key,
      bytes.subarray(12),
    );
    return new TextDecoder().decode(plain);
  }

  /** Encrypts like `seal`, and returns the envelope as one string: `<key id>:<base64>`. */
  async sealText(plain: string, context: string): Promise<string> {
    const { keyId, sealed } = await this.seal(plain, context);
    return `${keyId}:${sealed}`;
  }

  async openText(text: string, context: string): Promise<string> {
    const at = text.indexOf(':');
    return this.open({ keyId: text.slice(0, at), sealed: text.slice(at + 1) }, context);
  }
}

function encode(...parts: Uint8Array[]): string {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes.toBase64();
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return new Uint8Array(0);
  }
}

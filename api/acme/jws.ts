/** JSON Web Signatures as certificate authorities expect them (RFC 8555 §6.2). */

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;

const encoder = new TextEncoder();

const base64url = (bytes: Uint8Array): string => bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
const encoded = (value: unknown): string => base64url(encoder.encode(JSON.stringify(value)));

/** The members of a private key as JSON Web Key that are read here. */
type Jwk = { kty?: string; crv?: string; x?: string; y?: string; d?: string };

interface PublicKey {
  crv: string;
  kty: string;
  x: string;
  y: string;
}

/** The key pair of an account. */
export class AccountKey {
  readonly #private: CryptoKey;
  readonly #jwk: Jwk;
  /** The public key, with its members in the order of RFC 7638. */
  readonly public: PublicKey;

  private constructor(key: CryptoKey, jwk: Jwk) {
    this.#private = key;
    this.#jwk = jwk;
    this.public = { crv: jwk.crv!, kty: jwk.kty!, x: jwk.x!, y: jwk.y! }; // an ECDSA key has all of them
  }

  static async generate(): Promise<AccountKey> {
    const { privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    return new AccountKey(privateKey, (await crypto.subtle.exportKey('jwk', privateKey)) as Jwk);
  }

  /** Reads what {@link AccountKey.text} wrote. */
  static async read(text: string): Promise<AccountKey> {
    const jwk = JSON.parse(text) as Jwk;
    return new AccountKey(await crypto.subtle.importKey('jwk', jwk, ALGORITHM, true, ['sign']), jwk);
  }

  /** The private key as JSON. */
  get text(): string {
    return JSON.stringify(this.#jwk);
  }

  /** Returns the thumbprint of the public key (RFC 7638). */
  async thumbprint(): Promise<string> {
    return base64url(
      new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(JSON.stringify(this.public)))),
    );
  }

  /**
   * Signs a request.
   *
   * @param payload undefined for a request that only reads (POST-as-GET)
   */
  async sign(
    header: { url: string; nonce: string } & ({ kid: string } | { jwk: PublicKey }),
    payload: unknown,
  ): Promise<string> {
    const head = encoded({ alg: 'ES256', ...header });
    const body = payload === undefined ? '' : encoded(payload);
    const signature = await crypto.subtle.sign(SIGNING, this.#private, encoder.encode(`${head}.${body}`));
    return JSON.stringify({ protected: head, payload: body, signature: base64url(new Uint8Array(signature)) });
  }
}

/** Binds an account to one that the authority has already (RFC 8555 §7.3.4). @param binding `ID:KEY`, as in the settings */
export async function externalBinding(binding: string, url: string, key: PublicKey): Promise<object> {
  const colon = binding.indexOf(':');
  const secret = Uint8Array.fromBase64(binding.slice(colon + 1).replace(/=+$/, ''), { alphabet: 'base64url' });
  const mac = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const head = encoded({ alg: 'HS256', kid: binding.slice(0, colon), url });
  const payload = encoded(key);
  const signature = await crypto.subtle.sign('HMAC', mac, encoder.encode(`${head}.${payload}`));
  return { protected: head, payload, signature: base64url(new Uint8Array(signature)) };
}

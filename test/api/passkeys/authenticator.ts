import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { encodeCBOR } from '@levischuck/tiny-cbor';
import type { PasskeyCreationOptions, PasskeyRequestOptions } from '../../../api/webauthn/schema.ts';

/** https://www.w3.org/TR/webauthn-3/#authdata-flags */
export const FLAGS = { present: 0x01, verified: 0x04, syncable: 0x08, synced: 0x10, attested: 0x40 };

/** The algorithms of keys, by their COSE number. */
const KEYS = {
  [-7]: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  [-8]: () => generateKeyPairSync('ed25519'),
  [-257]: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  [-35]: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
};
type Algorithm = keyof typeof KEYS;

interface Credential {
  id: string;
  site: string;
  user: string;
  privateKey: KeyObject;
  algorithm: Algorithm;
}

/** What a dishonest browser or authenticator changes. */
interface Forgery {
  origin?: string;
  site?: string;
  challenge?: string;
  type?: string;
  crossOrigin?: boolean;
  flags?: number;
  user?: string | null;
  algorithm?: Algorithm;
  /** The id of the passkey beside the signed data. */
  id?: string;
  rawId?: string;
  /** The id of a new passkey in the signed data. */
  attested?: string;
  /** Makes the statement about the signed data. */
  attestation?: (signed: Uint8Array) => { fmt: string; attStmt: Map<string, unknown> };
}

const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

/** A browser at one origin with an authenticator, in software. */
export class Authenticator {
  readonly #origin: string;
  readonly #credentials: Credential[] = [];
  /** The number of signatures so far; undefined when the authenticator does not count. */
  counter: number | undefined;
  flags = FLAGS.present | FLAGS.verified;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Makes a passkey, as `navigator.credentials.create()` does. */
  create({ rp, user, challenge }: PasskeyCreationOptions, forged: Forgery = {}) {
    const algorithm: Algorithm = forged.algorithm ?? (-7 as const);
    const { publicKey, privateKey } = KEYS[algorithm]();
    const id = forged.attested === undefined ? randomBytes(32) : Buffer.from(forged.attested, 'base64url');
    const credential: Credential = { id: base64url(id), site: rp.id, user: user.id, privateKey, algorithm };
    this.#credentials.push(credential);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const key = encodeCBOR(coseOf(publicKey, algorithm));
    const attested = Buffer.concat([Buffer.alloc(16), length, id, key]);
    const authData = new Uint8Array([...this.#data(rp.id, forged, FLAGS.attested), ...attested]);
    const clientDataJSON = this.#client('webauthn.create', challenge, forged);
    const signed = Buffer.concat([authData, sha256(Buffer.from(clientDataJSON, 'base64url'))]);
    const { fmt, attStmt } = forged.attestation?.(signed) ?? { fmt: 'none', attStmt: new Map() };
    // biome-ignore lint/suspicious/noExplicitAny: the statement may be anything
    const object = new Map<string, any>([
      ['fmt', fmt],
      ['attStmt', attStmt],
      ['authData', authData],
    ]);
    return this.#answer(credential.id, forged, {
      clientDataJSON,
      attestationObject: base64url(encodeCBOR(object)),
      transports: ['internal'],
    });
  }

  /** Signs with the latest passkey that fits, as `navigator.credentials.get()` does. */
  get({ rpId, challenge, allowCredentials }: PasskeyRequestOptions, forged: Forgery = {}) {
    const fits = ({ site, id }: Credential) =>
      site === rpId && (allowCredentials.length === 0 || allowCredentials.some((each) => each.id === id));
    const credential = this.#credentials.findLast(fits);
    if (!credential) throw new Error('the authenticator has no passkey that fits');
    if (this.counter !== undefined) this.counter += 1;
    const clientDataJSON = this.#client('webauthn.get', challenge, forged);
    const data = this.#data(rpId, forged);
    const signed = Buffer.concat([data, sha256(Buffer.from(clientDataJSON, 'base64url'))]);
    const signature = sign(credential.algorithm === -8 ? null : 'sha256', signed, credential.privateKey);
    return this.#answer(credential.id, forged, {
      clientDataJSON,
      authenticatorData: base64url(data),
      signature: base64url(signature),
      userHandle: forged.user === undefined ? credential.user : forged.user,
    });
  }

  #answer<R>(own: string, { id = own, rawId = id }: Forgery, response: R) {
    return { id, rawId, type: 'public-key', response, clientExtensionResults: {} };
  }

  #client(type: string, challenge: string, forged: Forgery): string {
    const { origin = this.#origin, crossOrigin = false } = forged;
    return base64url(
      JSON.stringify({ type: forged.type ?? type, challenge: forged.challenge ?? challenge, origin, crossOrigin }),
    );
  }

  #data(site: string, forged: Forgery, more = 0): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter ?? 0);
    return Buffer.concat([sha256(forged.site ?? site), Buffer.of((forged.flags ?? this.flags) | more), counter]);
  }
}

/** https://www.rfc-editor.org/rfc/rfc9053#section-7 */
function coseOf(key: KeyObject, algorithm: Algorithm): Map<number, number | Uint8Array> {
  const { x = '', y = '', n = '', e = '' } = key.export({ format: 'jwk' });
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
  const members: Record<Algorithm, [number, number | Uint8Array][]> = {
    [-7]: [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ],
    [-8]: [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(x)],
    ],
    [-257]: [
      [1, 3],
      [3, -257],
      [-1, bytes(n)],
      [-2, bytes(e)],
    ],
    [-35]: [
      [1, 2],
      [3, -35],
      [-1, 2],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ],
  };
  return new Map(members[algorithm]);
}

import { LRUCache } from 'lru-cache';
import { serverCertificate } from './compile/index.ts';
import type { Secret } from './envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import type { IssuedTable } from './feed/issued.ts';

/** Reads a text from the challenges in the replica. */
type Read = (read: (issued: IssuedTable) => string | undefined) => string | undefined;

/** Answers the challenges of certificate authorities, as the replica has them. */
export class Challenges {
  readonly #read: Read;
  /** An authority connects several times per challenge. */
  readonly #certificates = new LRUCache<string, Promise<{ chain: string; key: string }>>({ max: 100 });

  constructor(read: Read) {
    this.#read = read;
  }

  /** Lists what authorities expect that request a token over HTTP: one line `host token answer` each. */
  list(): string {
    return this.#read((issued) => issued.answers()) ?? '';
  }

  /**
   * Makes the secret that an authority expects in a TLS handshake.
   *
   * @param serverName in the case in which the client wrote it
   * @returns undefined when no challenge for the name is open
   */
  readonly secret = async (serverName: string): Promise<Secret | undefined> => {
    const host = serverName.toLowerCase();
    const expected = this.#read((issued) => issued.handshakeAnswer(host));
    if (expected === undefined) return undefined;
    const id = `${host} ${expected}`;
    const made = this.#certificates.get(id) ?? make(host, expected);
    this.#certificates.set(id, made);
    const { chain, key } = await made;
    return serverCertificate(serverName, chain, key);
  };
}

/** Loaded at the first challenge, because most agents never see one. */
async function make(host: string, keyAuthorization: string) {
  const { challengeCertificate } = await import('./challenge-certificate.ts');
  return challengeCertificate(host, keyAuthorization);
}

// The dependency injection container of x509 needs this polyfill to be loaded first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { encodePem } from '../../model/values/pem.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface NewKey {
  /** The SHA-256 of the public key (SPKI), in hex. */
  id: string;
  /** The private key, PKCS#8 as PEM. */
  pem: string;
}

/** Makes a private key for a certificate. */
export async function newKey(): Promise<NewKey> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const spki = await crypto.subtle.exportKey('spki', publicKey);
  return {
    id: new Uint8Array(await crypto.subtle.digest('SHA-256', spki)).toHex(),
    pem: encodePem('PRIVATE KEY', new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey))),
  };
}

/** Makes a signing request for a name. @param pem the private key, as `newKey` makes it @returns DER */
export async function signingRequest(name: string, pem: string): Promise<Uint8Array> {
  const der = x509.PemConverter.decodeFirst(pem);
  const privateKey = await crypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
  const jwk = await crypto.subtle.exportKey('jwk', privateKey);
  for (const secret of ['d', 'key_ops'] as const) delete jwk[secret];
  const publicKey = await crypto.subtle.importKey('jwk', jwk, ALGORITHM, true, ['verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys: { privateKey, publicKey },
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  });
  return new Uint8Array(request.rawData);
}

// The dependency injection container of x509 needs this polyfill to be loaded first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { encodePem } from '../model/values/pem.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** The extension that contains the answer to a challenge (RFC 8737 §6.1). */
const ACME_IDENTIFIER = '1.3.6.1.5.5.7.1.31';
const DAY = 24 * 60 * 60 * 1000;

/**
 * Makes a certificate that answers a challenge in a TLS handshake (RFC 8737 §3). It is signed with its own key, which
 * never leaves this machine.
 *
 * @param keyAuthorization the token and the key of the account, as the authority expects them
 * @returns the certificate and the private key, as PEM
 */
export async function challengeCertificate(
  host: string,
  keyAuthorization: string,
): Promise<{ chain: string; key: string }> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(keyAuthorization));
  // An OCTET STRING of 32 bytes, in DER.
  const octets = Uint8Array.from([0x04, 0x20, ...new Uint8Array(digest)]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }]),
      new x509.Extension(ACME_IDENTIFIER, true, octets),
    ],
  });
  return {
    chain: encodePem('CERTIFICATE', new Uint8Array(certificate.rawData)),
    key: encodePem('PRIVATE KEY', new Uint8Array(await crypto.subtle.exportKey('pkcs8', keys.privateKey))),
  };
}

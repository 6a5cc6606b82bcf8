// The dependency injection container of x509 needs this polyfill to be loaded first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { pemBlocks } from '../../model/values/pem.ts';

const HOUR = 60 * 60 * 1000;

/**
 * Chooses when the authority is asked again when a certificate should be renewed: when it says (RFC 9773 §4.3), within
 * reason, or after six hours.
 */
export const askAgain = (now: number, retryAt = now + 6 * HOUR): number =>
  Math.min(Math.max(retryAt, now + HOUR), now + 24 * HOUR);

/**
 * Chooses when a certificate is renewed: after two thirds of its lifetime, a little earlier by chance, so that the
 * certificates that were obtained together are not renewed together.
 *
 * @param random from 0 to 1
 */
export function renewalTime({ notBefore, notAfter }: { notBefore: number; notAfter: number }, random: number): number {
  const lifetime = notAfter - notBefore;
  return Math.round(notBefore + (lifetime * 2) / 3 - (lifetime / 20) * random);
}

/** Chooses a time in the window that the authority suggests (RFC 9773 §4.2). @param random from 0 to 1 */
export const timeIn = ({ start, end }: { start: number; end: number }, random: number): number =>
  Math.round(start + (end - start) * random);

/**
 * Returns the id by which the authority knows a certificate, and by which an order names the one that it replaces (RFC
 * 9773 §4.1).
 *
 * @param chain PEM, the certificate first
 * @returns undefined when the certificate does not name the key of its issuer
 */
export function replacedBy(chain: string): string | undefined {
  const certificate = new x509.X509Certificate(pemBlocks(chain)[0]!.der);
  const keyId = certificate.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  if (keyId === undefined) return undefined;
  const serial = certificate.serialNumber;
  // An integer in DER has a leading zero byte when its first bit is set.
  const even = serial.length % 2 === 1 ? `0${serial}` : serial;
  const der = /^[89a-f]/i.test(even) ? `00${even}` : even;
  return `${base64url(keyId)}.${base64url(der)}`;
}

const base64url = (hex: string): string =>
  Uint8Array.fromHex(hex).toBase64({ alphabet: 'base64url', omitPadding: true });

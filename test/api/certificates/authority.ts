import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export const ALGORITHMS = {
  'RSA 2048': {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  },
  'RSA 1024': {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 1024,
  },
  'ECDSA P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'ECDSA P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'ECDSA P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
} as const;

export type Algorithm = keyof typeof ALGORITHMS;

export interface Issued {
  certificateChain: string;
  privateKey: string;
  keys: webcrypto.CryptoKeyPair;
}

const DAY = 86_400_000;

/** A self-signed certificate for these names. */
export async function issue(
  hosts: string[],
  algorithm: Algorithm = 'ECDSA P-256',
  { days = 90, keys }: { days?: number; keys?: webcrypto.CryptoKeyPair } = {},
): Promise<Issued> {
  const used =
    keys ??
    ((await crypto.subtle.generateKey(ALGORITHMS[algorithm], true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=test',
    notBefore: new Date(Date.now() - 100 * DAY),
    notAfter: new Date(Date.now() + days * DAY),
    signingAlgorithm: ALGORITHMS[algorithm],
    keys: used,
    extensions: [new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns' as const, value })))],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', used.privateKey));
  return { certificateChain: `${certificate.toString('pem')}\n`, privateKey: pem('PRIVATE KEY', pkcs8), keys: used };
}

/** A certificate with an RSA key of so many bits, and the private key of another one: making such a key takes long. */
export async function withLongKey(bits: number): Promise<Pick<Issued, 'certificateChain' | 'privateKey'>> {
  const modulus = Buffer.alloc(bits / 8, 0xab);
  const key = { kty: 'RSA', e: 'AQAB', n: modulus.toString('base64url') };
  const publicKey = await crypto.subtle.importKey('jwk', key, ALGORITHMS['RSA 2048'], true, ['verify']);
  const { keys, privateKey } = await issue(['a.test']);
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ subject: 'CN=a.test', issuer: 'CN=a.test', publicKey, signingKey: keys.privateKey },
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 90 * DAY),
    signingAlgorithm: ALGORITHMS['ECDSA P-256'],
  });
  return { certificateChain: `${certificate.toString('pem')}\n`, privateKey };
}

export interface Link {
  certificate: x509.X509Certificate;
  keys: webcrypto.CryptoKeyPair;
  privateKey: string;
}

interface LinkOptions {
  algorithm?: Algorithm;
  /** Default: itself. */
  issuer?: Link;
  extensions?: x509.Extension[];
}

/** One certificate of a chain. */
export async function link(
  name: string,
  { algorithm = 'ECDSA P-256', issuer, extensions = [] }: LinkOptions = {},
): Promise<Link> {
  const keys = (await crypto.subtle.generateKey(ALGORITHMS[algorithm], true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const signer = issuer ?? { keys, certificate: { subject: name && `CN=${name}` } };
  const certificate = await x509.X509CertificateGenerator.create({
    subject: name && `CN=${name}`,
    issuer: signer.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 90 * DAY),
    signingAlgorithm: { ...signer.keys.privateKey.algorithm, hash: 'SHA-256' },
    extensions,
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { certificate, keys, privateKey: pem('PRIVATE KEY', pkcs8) };
}

export const chainOf = (...links: Link[]): string =>
  links.map(({ certificate }) => `${certificate.toString('pem')}\n`).join('');

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

import 'reflect-metadata'; // before @peculiar/x509, whose container asks for it
import { createPrivateKey, type KeyObject, sign, type webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { hostName, type Pair, tenantName } from './workload.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 24 * 3600 * 1000;

export interface Issuer {
  /** PEM of the CA. */
  ca: string;
  /** A valid pair for the tenant's host. */
  issue(tenant: string): Pair;
}

/**
 * Creates tens of thousands of certificates: one completely, and the others by replacing its host and signing again. All
 * share one key, which does not change what is measured.
 */
export async function issuer(): Promise<Issuer> {
  const authority = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const ca = await certificateOf('CN=Gatehouse bench CA', authority, authority.publicKey, []);
  const model = hostName(tenantName(0));
  const leaf = await certificateOf(`CN=${model}`, authority, keys.publicKey, [
    new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: model }]),
  ]);
  const { tbs, algorithm } = split(Buffer.from(leaf.rawData));
  const signer = createPrivateKey(await pem(authority.privateKey));
  const privateKey = await pem(keys.privateKey);
  return {
    ca: ca.toString('pem'),
    issue: (tenant) => ({
      certificateChain: `${x509.PemConverter.encode(reissue(tbs, algorithm, model, hostName(tenant), signer), 'CERTIFICATE')}\n`,
      privateKey,
    }),
  };
}

function certificateOf(
  subject: string,
  authority: webcrypto.CryptoKeyPair,
  publicKey: CryptoKey,
  extensions: x509.Extension[],
): Promise<x509.X509Certificate> {
  const isAuthority = extensions.length === 0;
  return x509.X509CertificateGenerator.create({
    subject,
    issuer: 'CN=Gatehouse bench CA',
    publicKey,
    signingKey: authority.privateKey,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 90 * DAY),
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(isAuthority, undefined, true), ...extensions],
  });
}

async function pem(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

/** Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING }, RFC 5280 §4.1. */
function split(certificate: Buffer): { tbs: Buffer; algorithm: Buffer } {
  const content = certificate.subarray(headerLength(certificate));
  const tbs = element(content);
  return { tbs, algorithm: element(content.subarray(tbs.length)) };
}

/** Hosts are of one length, so no length in the DER changes. */
function reissue(tbs: Buffer, algorithm: Buffer, from: string, to: string, key: KeyObject): Buffer {
  if (from.length !== to.length) throw new Error(`${to} is not as long as ${from}`);
  const body = Buffer.from(tbs.toString('latin1').replaceAll(from, to), 'latin1');
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', body, key)]);
  return tlv(0x30, Buffer.concat([body, algorithm, tlv(0x03, signature)]));
}

function headerLength(der: Buffer): number {
  return der[1]! < 0x80 ? 2 : 2 + (der[1]! & 0x7f);
}

/** The first element, header included. */
function element(der: Buffer): Buffer {
  const header = headerLength(der);
  const length = header === 2 ? der[1]! : der.readUIntBE(2, header - 2);
  return der.subarray(0, header + length);
}

function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...header), value]);
}

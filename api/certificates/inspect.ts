// x509's container asks for it before anything else is loaded.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { CertificateInfo } from '../../model/kinds.ts';
import { Problem } from '../http/problem.ts';
import { pemBlocks } from './pem.ts';

export interface Chain {
  leaf: x509.X509Certificate;
  info: CertificateInfo;
}

/**
 * Reads a chain and checks that each certificate is signed by the next one's name and that the first is usable now.
 *
 * @throws Problem `invalid-certificate` with a pointer into the certificate's spec
 */
export async function inspectChain(pem: string, now: number): Promise<Chain> {
  const certificates = pemBlocks(pem, /^CERTIFICATE$/).map(({ der }, index) => {
    try {
      return new x509.X509Certificate(der);
    } catch (cause) {
      throw refuse(
        '/certificateChain',
        'unreadable',
        `certificate ${index + 1} of the chain is not a certificate`,
        cause,
      );
    }
  });
  const leaf = certificates[0];
  if (!leaf) throw refuse('/certificateChain', 'unreadable', 'there is no certificate in it');
  certificates.forEach((certificate, index) => {
    const issuer = certificates[index + 1];
    if (issuer && certificate.issuer !== issuer.subject)
      throw refuse(
        '/certificateChain',
        'broken-chain',
        `certificate ${index + 1} is not issued by certificate ${index + 2}; put the server's own first, then each issuer`,
      );
  });
  if (leaf.notAfter.getTime() <= now)
    throw refuse('/certificateChain', 'expired', `it expired on ${leaf.notAfter.toISOString()}`);
  return { leaf, info: await infoOf(leaf) };
}

async function infoOf(leaf: x509.X509Certificate): Promise<CertificateInfo> {
  const names = leaf.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return {
    fingerprintSha256: hex(await crypto.subtle.digest('SHA-256', leaf.rawData)),
    publicKeySha256: hex(await crypto.subtle.digest('SHA-256', leaf.publicKey.rawData)),
    dnsNames: names.filter(({ type }) => type === 'dns').map(({ value }) => value.toLowerCase()),
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
    keyType: keyTypeOf(leaf),
  };
}

function keyTypeOf({ publicKey: { algorithm } }: x509.X509Certificate): string {
  const { name, modulusLength, namedCurve } = algorithm as {
    name: string;
    modulusLength?: number;
    namedCurve?: string;
  };
  if (name.startsWith('RSA')) {
    if ((modulusLength ?? 0) < 2048)
      throw refuse(
        '/certificateChain',
        'weak-key',
        `an RSA key of ${modulusLength} bits is too short; use 2048 or more`,
      );
    return `RSA ${modulusLength}`;
  }
  if (name === 'ECDSA' && (namedCurve === 'P-256' || namedCurve === 'P-384')) return `ECDSA ${namedCurve}`;
  throw refuse(
    '/certificateChain',
    'unsupported-key',
    `a key of type ${[name, namedCurve].filter(Boolean).join(' ')} cannot be served; use RSA, ECDSA P-256 or ECDSA P-384`,
  );
}

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

export function refuse(path: string, code: string, message: string, cause?: unknown): Problem {
  return new Problem('invalid-certificate', { violations: [{ path, pointer: path, code, message }], cause });
}

// The dependency injection container of x509 needs this polyfill to be loaded first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { type PemBlock, pemBlocks } from '../../model/values/pem.ts';
import { element } from './der.ts';
import { invalidCertificate } from './invalid-certificate.ts';
import { hasKnownVersion, isStrictDer } from './strict.ts';

/**
 * Reads the certificates of a chain and sorts them: first the server's certificate, then the issuer of each
 * certificate. It removes duplicates.
 *
 * @param pem the certificates, in any order
 * @returns the sorted certificates, at least one
 *
 * @throws Problem `invalid-certificate` when a certificate cannot be read, or is not part of the chain
 */
export async function readChain(pem: string): Promise<x509.X509Certificate[]> {
  const certificates = unique(pemBlocks(pem).map(read));
  if (certificates.length === 0)
    throw invalidCertificate('/certificateChain', 'unreadable', 'there is no certificate in it');
  const ordered = [await serverOwn(certificates)];
  for (let rest = without(certificates, ordered[0]!); rest.length > 0; ) {
    const last = ordered.at(-1)!;
    const issuer = await find(rest, (each) => isIssuedBy(last, each));
    if (!issuer) throw stranger(certificates, last, rest[0]!);
    ordered.push(issuer);
    rest = without(rest, issuer);
  }
  return ordered;
}

function read(block: PemBlock, index: number): x509.X509Certificate {
  const certificate = certificateIn(block);
  if (!certificate) throw unreadable(index);
  return certificate;
}

/** Reads the certificate in a PEM block. Returns undefined when Envoy could not read it. */
export function certificateIn({ der, label }: PemBlock): x509.X509Certificate | undefined {
  const whole = element(der);
  // The OpenSSL format TRUSTED CERTIFICATE has extra data after the certificate.
  if (!whole || (whole.end !== der.length && label !== 'TRUSTED CERTIFICATE')) return undefined;
  const own = der.slice(0, whole.end);
  if (!isStrictDer(own) || !hasKnownVersion(own)) return undefined;
  try {
    return new x509.X509Certificate(own);
  } catch {
    return undefined;
  }
}

const unreadable = (index: number) =>
  invalidCertificate('/certificateChain', 'unreadable', `certificate ${index + 1} of the chain is not a certificate`);

function unique(certificates: x509.X509Certificate[]): x509.X509Certificate[] {
  const seen = new Set<string>();
  return certificates.filter(({ rawData }) => {
    const text = new Uint8Array(rawData).toBase64();
    return !seen.has(text) && seen.add(text);
  });
}

const without = (all: x509.X509Certificate[], one: x509.X509Certificate): x509.X509Certificate[] =>
  all.filter((each) => each !== one);

/**
 * Finds the server's certificate: the first one that issued no other certificate. If several certificates issued no
 * other, the caller reports the rest as not part of the chain.
 */
async function serverOwn(certificates: x509.X509Certificate[]): Promise<x509.X509Certificate> {
  const own = await find(certificates, async (candidate) => {
    const issued = await find(without(certificates, candidate), (each) => isIssuedBy(each, candidate));
    return issued === undefined;
  });
  return own ?? certificates[0]!;
}

/**
 * Compares the names, and verifies the signature. A signature that the runtime cannot verify counts as wrong: such
 * algorithms are too old for clients, or unknown to them.
 */
async function isIssuedBy(certificate: x509.X509Certificate, issuer: x509.X509Certificate): Promise<boolean> {
  if (certificate.issuer !== issuer.subject) return false;
  try {
    return await certificate.verify({ publicKey: issuer, signatureOnly: true });
  } catch {
    return false;
  }
}

async function find<T>(items: T[], matches: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await matches(item)) return item;
  return undefined;
}

function stranger(all: x509.X509Certificate[], last: x509.X509Certificate, other: x509.X509Certificate) {
  const [a, b] = [all.indexOf(last) + 1, all.indexOf(other) + 1];
  const why =
    last.issuer === other.subject
      ? `certificate ${b} has the name of the issuer of certificate ${a}, but did not sign it`
      : `certificate ${a} is not issued by certificate ${b}, nor by another one that is there`;
  return invalidCertificate(
    '/certificateChain',
    'broken-chain',
    `${why}; put the server's own first, then each issuer`,
  );
}

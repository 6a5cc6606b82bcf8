// The dependency injection container of x509 needs this polyfill to be loaded first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { encodePem, pemBlocks } from '../../model/values/pem.ts';
import { certificateIn } from './chain.ts';
import { type Element, element } from './der.ts';
import { invalidCertificate } from './invalid-certificate.ts';
import { isStrictDer } from './strict.ts';

/**
 * Checks CA certificates. Envoy verifies the other side of TLS connections with them.
 *
 * @param pem the certificates, in any order
 * @param now the current time in milliseconds since 1970
 * @returns the certificates, and their PEM as the store keeps it
 * @throws Problem `invalid-certificate` at /certificates when one of them cannot be read, is not the certificate of a CA,
 *   or has expired
 */
export function readAuthorities(pem: string, now: number): { certificates: x509.X509Certificate[]; pem: string } {
  const at = '/certificates';
  const certificates = pemBlocks(pem).map((block, index) => {
    const name = `certificate ${index + 1}`;
    const certificate = certificateIn(block);
    if (!certificate) throw invalidCertificate(at, 'unreadable', `${name} is not a certificate`);
    const whose = `${name} (${certificate.subject})`;
    if (!certificate.getExtension(x509.BasicConstraintsExtension)?.ca)
      throw invalidCertificate(at, 'not-a-ca', `${whose} is not the certificate of a CA: it lacks CA:TRUE`);
    const usage = certificate.getExtension(x509.KeyUsagesExtension)?.usages;
    if (usage !== undefined && (usage & x509.KeyUsageFlags.keyCertSign) === 0)
      throw invalidCertificate(at, 'key-usage', `${whose} may not sign certificates: its key usage lacks keyCertSign`);
    if (certificate.notAfter.getTime() <= now)
      throw invalidCertificate(at, 'expired', `${whose} expired on ${certificate.notAfter.toISOString()}`);
    return certificate;
  });
  return {
    certificates,
    pem: certificates.map(({ rawData }) => encodePem('CERTIFICATE', new Uint8Array(rawData))).join(''),
  };
}

/**
 * Checks revocation lists (RFC 5280 §5) of these CAs.
 *
 * @param room how many signatures may be verified, which it reduces
 * @throws Problem `invalid-certificate` at /crl when Envoy cannot read a list, when no CA of the bundle signed it, when
 *   its next update is overdue, because Envoy then rejects every certificate of its CA, or when there is no more room
 */
export async function checkRevocationLists(
  pem: string,
  authorities: readonly x509.X509Certificate[],
  now: number,
  room: VerificationRoom,
): Promise<void> {
  const known = authorities.map(identified);
  for (const [index, { der }] of pemBlocks(pem).entries()) {
    const name = `list ${index + 1}`;
    const list = isReadable(der) ? read(der) : undefined;
    if (!list) throw invalidCertificate('/crl', 'unreadable', `${name} is not a revocation list that Envoy can read`);
    const candidates = issuersOf(list, known);
    if ((room.left -= candidates.length) < 0)
      throw invalidCertificate('/crl', 'too-many-lists', `${name} is one too many to verify in one write; write fewer`);
    if (!(await isSignedByOne(list, candidates)))
      throw invalidCertificate(
        '/crl',
        'unknown-issuer',
        `${name} is not signed by a CA of the bundle (its issuer is ${list.issuer})`,
      );
    if (list.nextUpdate && list.nextUpdate.getTime() <= now)
      throw invalidCertificate('/crl', 'expired', `${name} was due to be replaced on ${list.nextUpdate.toISOString()}`);
  }
}

function read(der: Uint8Array<ArrayBuffer>): x509.X509Crl | undefined {
  try {
    return new x509.X509Crl(der);
  } catch {
    return undefined;
  }
}

/** A number of signatures that may still be verified. */
export interface VerificationRoom {
  left: number;
}

/** The most CAs with which a list is verified. More have the same name only by mistake, or to make the API work. */
const MOST_ISSUERS = 4;

interface Identified {
  authority: x509.X509Certificate;
  subject: string;
  /** The identifier of its key; undefined when the certificate has none. */
  key: string | undefined;
}

const identified = (authority: x509.X509Certificate): Identified => ({
  authority,
  subject: authority.subject,
  key: authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
});

/**
 * Returns the CAs that may have signed a list: those with the name of its issuer, and with the identifier of its
 * issuer's key if both have one (RFC 5280 §5.2.1). Those with the identifier are first.
 */
function issuersOf(list: x509.X509Crl, known: readonly Identified[]): x509.X509Certificate[] {
  const { issuer } = list;
  const wanted = list.getExtension<x509.AuthorityKeyIdentifierExtension>(AUTHORITY_KEY)?.keyId;
  const named = known.filter(({ subject, key }) => subject === issuer && (!wanted || !key || key === wanted));
  const [same, others] = [named.filter(({ key }) => key === wanted), named.filter(({ key }) => key !== wanted)];
  return [...same, ...others].slice(0, MOST_ISSUERS).map(({ authority }) => authority);
}

/** The extension `authorityKeyIdentifier`. */
const AUTHORITY_KEY = '2.5.29.35';

async function isSignedByOne(list: x509.X509Crl, authorities: readonly x509.X509Certificate[]): Promise<boolean> {
  for (const authority of authorities) {
    try {
      if (await list.verify({ publicKey: authority })) return true;
    } catch {
      // The runtime does not support the algorithm of the signature.
      return true;
    }
  }
  return false;
}

const SEQUENCE = 0x30;

/** Whether BoringSSL can read a list. It rejects entries whose extensions are present but empty (RFC 5280 §5.1). */
function isReadable(der: Uint8Array<ArrayBuffer>): boolean {
  const whole = element(der);
  if (whole?.tag !== SEQUENCE || whole.end !== der.length || !isStrictDer(der)) return false;
  const signed = element(whole.value);
  if (signed?.tag !== SEQUENCE) return false;
  // The algorithm and the issuer are sequences too, and come first.
  const [, , ...sequences] = members(signed).filter(({ tag }) => tag === SEQUENCE);
  return sequences.flatMap(members).every((entry) => members(entry).every(({ value }) => value.length > 0));
}

function members({ value }: Element): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < value.length; ) {
    const member = element(value, at);
    if (!member) break;
    found.push(member);
    at = member.end;
  }
  return found;
}

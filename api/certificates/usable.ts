// The dependency injection container of x509 needs this polyfill to be loaded first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { LONGEST_RSA_KEY } from '../../model/kinds/certificate.ts';
import { invalidCertificate } from './invalid-certificate.ts';

const at = '/certificateChain';

/**
 * Checks that Envoy accepts this certificate as a server certificate, and that clients accept it from a server.
 *
 * @returns the type of its key, such as `RSA 2048`
 * @throws Problem `invalid-certificate`
 */
export function checkUsable(leaf: x509.X509Certificate): string {
  const keyType = keyTypeOf(leaf.publicKey);
  if (demandsStapling(leaf))
    throw invalidCertificate(
      at,
      'must-staple',
      'it demands OCSP stapling (must-staple), which is not served; have it issued without',
    );
  checkNames(leaf);
  checkKeyUsage(leaf, keyType);
  checkPurpose(leaf);
  return keyType;
}

/** Whether the certificate has the TLS feature `status_request` (RFC 7633). */
function demandsStapling(leaf: x509.X509Certificate): boolean {
  return leaf.getExtension('1.3.6.1.5.5.7.1.24') !== null;
}

function checkNames(leaf: x509.X509Certificate): void {
  const alternatives = leaf.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  if (alternatives.length === 0 && leaf.subjectName.getField('CN').length === 0)
    throw invalidCertificate(at, 'no-names', 'has neither subject alternative names nor a common name');
}

/**
 * Checks the key usage. BoringSSL rejects ECDSA certificates whose key usage does not allow signing
 * (`ssl_cert_check_key_usage`). It also accepts RSA keys that are only for key encipherment.
 */
function checkKeyUsage(leaf: x509.X509Certificate, keyType: string): void {
  const usage = leaf.getExtension(x509.KeyUsagesExtension)?.usages;
  if (usage === undefined) return;
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const wanted = keyType.startsWith('RSA') ? digitalSignature | keyEncipherment : digitalSignature;
  if ((usage & wanted) === 0)
    throw invalidCertificate(
      at,
      'key-usage',
      'its key usage does not allow a server to use it; have it issued with digitalSignature',
    );
}

/** Checks the extended key usage (RFC 5280 §4.2.1.12). */
function checkPurpose(leaf: x509.X509Certificate): void {
  const usages = leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String);
  if (usages === undefined || usages.includes(x509.ExtendedKeyUsage.serverAuth) || usages.includes(ANY_PURPOSE)) return;
  throw invalidCertificate(
    at,
    'not-for-servers',
    'its extended key usage is not for servers; have it issued with serverAuth',
  );
}

const ANY_PURPOSE = '2.5.29.37.0';

/** The name that x509 gives to an ECDSA key on an unknown curve. */
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
const SHORTEST_RSA_KEY = 2048;
/** `rsaEncryption` (1.2.840.113549.1.1.1); BoringSSL rejects keys for RSA-PSS only. */
const RSA_ENCRYPTION = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

function keyTypeOf({ algorithm, rawData }: x509.PublicKey): string {
  const { name, modulusLength, namedCurve, publicExponent } = algorithm as {
    name: string;
    modulusLength?: number;
    namedCurve?: string;
    publicExponent?: Uint8Array;
  };
  if (name.startsWith('RSA') && isPlainRsa(new Uint8Array(rawData))) {
    const bits = modulusLength ?? 0;
    if (bits < SHORTEST_RSA_KEY)
      throw invalidCertificate(
        at,
        'weak-key',
        `an RSA key of ${bits} bits is too short; use ${SHORTEST_RSA_KEY} or more`,
      );
    if (bits > LONGEST_RSA_KEY)
      throw invalidCertificate(
        at,
        'slow-key',
        `an RSA key of ${bits} bits is too long: each handshake would occupy a thread of Envoy for many milliseconds; use ${LONGEST_RSA_KEY} bits or less, or ECDSA`,
      );
    if (publicExponent && !isUsualExponent(publicExponent))
      throw invalidCertificate(at, 'unsupported-key', 'its RSA exponent cannot be served; use 65537');
    return `RSA ${modulusLength}`;
  }
  if (name === 'ECDSA' && (namedCurve === 'P-256' || namedCurve === 'P-384')) return `ECDSA ${namedCurve}`;
  throw invalidCertificate(
    at,
    'unsupported-key',
    `a key of type ${[name.replace(EC_PUBLIC_KEY, 'ECDSA'), namedCurve].filter(Boolean).join(' ')} cannot be served; use RSA, ECDSA P-256 or ECDSA P-384`,
  );
}

/** Whether an RSA exponent is odd, above 1, and at most 33 bits long. */
function isUsualExponent(bytes: Uint8Array): boolean {
  const exponent = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return exponent > 1n && exponent % 2n === 1n && exponent < 1n << 33n;
}

/** Whether a public key is `rsaEncryption`. The name of the algorithm is the first member of its first member. */
function isPlainRsa(spki: Uint8Array): boolean {
  const text = String.fromCharCode(...spki.subarray(0, 32));
  return text.includes(String.fromCharCode(...RSA_ENCRYPTION));
}

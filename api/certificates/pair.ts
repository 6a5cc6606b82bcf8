import type { X509Certificate } from '@peculiar/x509';
import { isPrivateKey } from '../../model/kinds/certificate.ts';
import { encodePem, pemBlocks } from '../../model/values/pem.ts';
import { memberTags, tlv } from './der.ts';
import { invalidCertificate } from './invalid-certificate.ts';

/**
 * Checks that a private key belongs to a certificate: it signs with the key and verifies the signature with the
 * certificate. Without this check, Envoy would reject the pair only after the agent sent it, and TLS handshakes would
 * then hang.
 *
 * @returns the key as PKCS#8 PEM, for every PEM format of the input
 * @throws Problem `invalid-certificate` at /privateKey
 */
export async function verifiedKey(leaf: X509Certificate, privateKeyPem: string): Promise<string> {
  const block = pemBlocks(privateKeyPem).find(({ label }) => isPrivateKey(label));
  if (!block) throw invalidCertificate('/privateKey', 'unreadable', 'it contains no private key');
  const { name, namedCurve } = leaf.publicKey.algorithm as { name: string; namedCurve?: string };
  const algorithm = name.startsWith('RSA')
    ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    : { name: 'ECDSA', namedCurve: namedCurve as string, hash: 'SHA-256' };
  const pkcs8 = toPkcs8(block.der, namedCurve);
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  } catch (cause) {
    throw invalidCertificate(
      '/privateKey',
      'unreadable',
      `it is not a private key of the certificate's type (${namedCurve ? `ECDSA ${namedCurve}` : 'RSA'})`,
      cause,
    );
  }
  const probe = crypto.getRandomValues(new Uint8Array(32));
  const publicKey = await crypto.subtle.importKey('spki', leaf.publicKey.rawData, algorithm, false, ['verify']);
  const signature = await crypto.subtle.sign(algorithm, key, probe);
  if (!(await crypto.subtle.verify(algorithm, publicKey, signature, probe)))
    throw invalidCertificate('/privateKey', 'key-mismatch', 'it is not the key of this certificate');
  return encodePem('PRIVATE KEY', pkcs8);
}

/** The DER of the AlgorithmIdentifier for each type of key (RFC 5280 §4.1.1.2), as PKCS#8 requires it. */
const ALGORITHM = {
  rsa: [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00],
  'P-256': [
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07,
  ],
  'P-384': [0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
} as const;

/**
 * Converts a private key to PKCS#8 (RFC 5958), the only format that WebCrypto reads. PKCS#8 wraps a key in the format
 * PKCS#1 (RSA, RFC 8017 A.1.2) or SEC 1 (EC, RFC 5915). A key without this wrapper gets one here. All three formats are
 * ASN.1 sequences. The type of the second member tells them apart: an integer in PKCS#1, an octet string in SEC 1, and
 * a sequence in PKCS#8. The PEM label is not used, because it is sometimes wrong.
 */
function toPkcs8(der: Uint8Array<ArrayBuffer>, curve: string | undefined): Uint8Array<ArrayBuffer> {
  const [first, second] = memberTags(der, 2);
  if (first === TAG.sequence)
    throw invalidCertificate('/privateKey', 'encrypted-key', 'it is encrypted; decrypt it first');
  if (second !== TAG.integer && second !== TAG.octetString) return der;
  const algorithm = second === TAG.integer ? ALGORITHM.rsa : ALGORITHM[curve as 'P-256' | 'P-384'];
  if (!algorithm)
    throw invalidCertificate(
      '/privateKey',
      'key-mismatch',
      'it is an EC key, but the certificate has another type of key',
    );
  return tlv(TAG.sequence, new Uint8Array([0x02, 0x01, 0x00, ...algorithm, ...tlv(TAG.octetString, der)]));
}

const TAG = { integer: 0x02, octetString: 0x04, sequence: 0x30 };

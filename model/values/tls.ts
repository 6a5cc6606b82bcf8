import { z } from 'zod';

/** The versions of TLS, the oldest first. The names are those of Envoy and Istio. */
export const TlsVersion = z.enum(['TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3']);
export type TlsVersion = z.infer<typeof TlsVersion>;

/** The versions that a server offers unless it says otherwise. */
export const DEFAULT_VERSIONS: { min: TlsVersion; max: TlsVersion } = { min: 'TLSV1_2', max: 'TLSV1_3' };

/** Whether `a` is an older version than `b`. */
export const isOlder = (a: TlsVersion, b: TlsVersion): boolean =>
  TlsVersion.options.indexOf(a) < TlsVersion.options.indexOf(b);

/**
 * The cipher suites of TLS 1.2 and older that Envoy knows, by OpenSSL's names. TLS 1.3 has its own suites, which cannot
 * be chosen.
 */
export const CipherSuite = z.enum([
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
]);
export type CipherSuite = z.infer<typeof CipherSuite>;

/** Whether TLS 1.0 and 1.1 can use a suite. The others need hashes or modes of TLS 1.2. */
export const isForOldVersions = (suite: CipherSuite): boolean => suite.endsWith('-SHA');

/** The application protocols that HTTPS servers speak, as ALPN names them (RFC 7301). */
export const ApplicationProtocol = z.enum(['h2', 'http/1.1']);
export type ApplicationProtocol = z.infer<typeof ApplicationProtocol>;

/** A name that a certificate must have. */
export const SubjectAltName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

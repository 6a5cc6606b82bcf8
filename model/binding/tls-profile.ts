/** The TLS settings of hosts that a listener's default filter chain does not have. */
import { asksForCertificate, type ServerTls } from '../kinds/server-tls.ts';
import type { ApplicationProtocol, CipherSuite, TlsVersion } from '../values/tls.ts';

/**
 * TLS settings other than the default ones. Hosts of one tenant with equal profiles share a filter chain, so a profile
 * contains everything about a connection that is decided before a request, and nothing else.
 */
export interface TlsProfile {
  /** Present when clients are asked for a certificate. */
  client?: {
    /** Whether a client without a certificate is rejected. */
    isRequired: boolean;
    /** Whether a client whose certificate cannot be verified is accepted, as if it had shown none. */
    acceptsUntrusted?: true;
    /** The name of the trust bundle that verifies clients. */
    caCertificates: string;
    /** In order, without duplicates. */
    subjectAltNames?: readonly string[];
  };
  /** The names of several certificates. Absent: one, which the server name selects. */
  credentialNames?: readonly string[];
  minProtocolVersion?: TlsVersion;
  maxProtocolVersion?: TlsVersion;
  cipherSuites?: readonly CipherSuite[];
  alpn?: readonly ApplicationProtocol[];
}

/** Returns the profile of a server's hosts; undefined when the default filter chain serves them. */
export function profileOf(tls: ServerTls | undefined): TlsProfile | undefined {
  if (!tls || tls.mode === 'PASSTHROUGH' || tls.mode === 'AUTO_PASSTHROUGH') return undefined;
  const {
    caCertificates,
    subjectAltNames,
    acceptUntrusted,
    minProtocolVersion,
    maxProtocolVersion,
    cipherSuites,
    alpn,
  } = tls;
  const client = asksForCertificate(tls) && {
    isRequired: tls.mode === 'MUTUAL',
    ...(acceptUntrusted && { acceptsUntrusted: true as const }),
    caCertificates: caCertificates!, // the schema requires it in these modes
    ...(subjectAltNames && { subjectAltNames: [...subjectAltNames].sort() }),
  };
  const profile: TlsProfile = {
    ...(client && { client }),
    ...(tls.credentialNames && { credentialNames: tls.credentialNames }),
    ...(minProtocolVersion && { minProtocolVersion }),
    ...(maxProtocolVersion && { maxProtocolVersion }),
    ...(cipherSuites && { cipherSuites }),
    ...(alpn && { alpn }),
  };
  return Object.keys(profile).length === 0 ? undefined : profile;
}

/** Identifies a profile: equal profiles have equal texts. */
export const profileText = (profile: TlsProfile | undefined): string => JSON.stringify(profile ?? {});

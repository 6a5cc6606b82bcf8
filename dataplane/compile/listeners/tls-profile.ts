import type { TlsProfile } from '../../../model/binding/tls-profile.ts';
import type { TlsVersion } from '../../../model/values/tls.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import {
  CertificateValidationContext,
  TlsParameters,
  CertificateValidationContext_TrustChainVerification as TrustChainVerification,
  TlsParameters_TlsProtocol as Version,
} from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/common.ts';
import {
  CommonTlsContext,
  DownstreamTlsContext,
} from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import type { Compiled } from '../compiled.ts';
import { connectionManager } from '../manager/index.ts';
import { authoritiesSecret, certificateSecret } from '../secrets/kinds.ts';
import { profileChainName, zoneOf } from '../values/names.ts';
import { ads } from '../values/source.ts';
import { nameMatcher } from '../values/subject-alt-name.ts';
import type { Port } from './listener.ts';
import { tlsContext, tlsSocket } from './tls-context.ts';

/**
 * Builds the filter chain of one TLS profile of one tenant. It does not depend on the hosts with this profile, so a new
 * host changes only the matcher of the listener. The CAs come by SDS, so a new CA changes no listener.
 */
export function profileChain(port: Port, tenant: string, profile: TlsProfile): Compiled<FilterChain> {
  const zone = zoneOf(port.number, tenant, profile);
  const { message, needs } = profileContext(tenant, profile);
  return {
    message: FilterChain.fromPartial({
      name: profileChainName(port.number, tenant, profile),
      filters: [connectionManager('https', port, { zone, isVerified: isVerified(profile) })],
      ...tlsSocket(message),
    }),
    needs,
  };
}

/** Whether every certificate that a client shows has been verified, so that upstreams may rely on it. */
export const isVerified = ({ client }: TlsProfile): boolean => client !== undefined && !client.acceptsUntrusted;

/**
 * Builds the TLS settings of a profile, with the secrets that Envoy must have.
 *
 * @param alpn the application protocols that are offered if the profile names none
 */
export function profileContext(
  tenant: string,
  profile: TlsProfile,
  alpn: readonly string[] = tlsContext.commonTlsContext!.alpnProtocols,
): Compiled<DownstreamTlsContext> {
  const { client } = profile;
  return {
    message: DownstreamTlsContext.fromPartial({
      ...tlsContext,
      commonTlsContext: { ...tlsContext.commonTlsContext, ...commonContext(tenant, { alpn, ...profile }) },
      ...(client && { requireClientCertificate: client.isRequired }),
    }),
    needs: {
      clusters: [],
      secrets: [
        ...(client ? [authoritiesSecret(tenant, client.caCertificates)] : []),
        ...(profile.credentialNames ?? []).map((name) => certificateSecret(tenant, name)),
      ],
    },
  };
}

function commonContext(
  tenant: string,
  profile: Omit<TlsProfile, 'alpn'> & { alpn: readonly string[] },
): Partial<CommonTlsContext> {
  const { client, credentialNames, minProtocolVersion, maxProtocolVersion, cipherSuites, alpn } = profile;
  return CommonTlsContext.fromPartial({
    alpnProtocols: [...alpn],
    ...((minProtocolVersion || maxProtocolVersion || cipherSuites) && {
      tlsParams: TlsParameters.fromPartial({
        tlsMinimumProtocolVersion: versionOf(minProtocolVersion),
        tlsMaximumProtocolVersion: versionOf(maxProtocolVersion),
        cipherSuites: [...(cipherSuites ?? [])],
      }),
    }),
    ...(client && verifiedClients(tenant, client).common),
    // The certificate selector serves one certificate per name.
    ...(credentialNames
      ? {
          tlsCertificateSdsSecretConfigs: credentialNames.map((name) => ({
            name: certificateSecret(tenant, name),
            sdsConfig: ads,
          })),
        }
      : { customTlsCertificateSelector: tlsContext.commonTlsContext!.customTlsCertificateSelector }),
  });
}

/** Builds the part of a TLS context that verifies clients, and lists the secrets that it names. */
export function verifiedClients(tenant: string, client: NonNullable<TlsProfile['client']>) {
  const authorities = authoritiesSecret(tenant, client.caCertificates);
  return {
    common: {
      validationContextType: {
        $case: 'combinedValidationContext' as const,
        value: {
          defaultValidationContext: CertificateValidationContext.fromPartial({
            matchTypedSubjectAltNames: (client.subjectAltNames ?? []).map(nameMatcher),
            ...(client.acceptsUntrusted && { trustChainVerification: TrustChainVerification.ACCEPT_UNTRUSTED }),
          }),
          validationContextSdsSecretConfig: { name: authorities, sdsConfig: ads },
        },
      },
    },
    secrets: [authorities],
  };
}

const versions: Record<TlsVersion, Version> = {
  TLSV1_0: Version.TLSv1_0,
  TLSV1_1: Version.TLSv1_1,
  TLSV1_2: Version.TLSv1_2,
  TLSV1_3: Version.TLSv1_3,
};

const versionOf = (version: TlsVersion | undefined): Version => (version ? versions[version] : Version.TLS_AUTO);

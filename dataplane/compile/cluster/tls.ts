import type { UpstreamTls } from '../../../model/upstream/tls.ts';
import {
  CertificateValidationContext,
  TlsParameters_TlsProtocol as Version,
} from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/common.ts';
import { UpstreamTlsContext } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import type { Compiled } from '../compiled.ts';
import { authoritiesSecret, clientSecret } from '../secrets/kinds.ts';
import { SYSTEM_ROOTS } from '../secrets/system-roots.ts';
import { ads } from '../values/source.ts';
import { nameMatcher } from '../values/subject-alt-name.ts';

/** Builds the TLS settings of connections to endpoints. The CAs and the client certificate come by SDS. */
export function upstreamTls(
  { caCertificates, sni = '', subjectAltNames, credentialName }: UpstreamTls,
  tenant: string,
): Compiled<UpstreamTlsContext> {
  const authorities = caCertificates === undefined ? SYSTEM_ROOTS : authoritiesSecret(tenant, caCertificates);
  const own = credentialName === undefined ? [] : [clientSecret(tenant, credentialName)];
  const message = UpstreamTlsContext.fromPartial({
    sni,
    commonTlsContext: {
      tlsParams: { tlsMinimumProtocolVersion: Version.TLSv1_2, tlsMaximumProtocolVersion: Version.TLSv1_3 },
      tlsCertificateSdsSecretConfigs: own.map((name) => ({ name, sdsConfig: ads })),
      validationContextType: {
        $case: 'combinedValidationContext',
        value: {
          defaultValidationContext: CertificateValidationContext.fromPartial({
            matchTypedSubjectAltNames: (subjectAltNames ?? [sni]).map(nameMatcher),
          }),
          validationContextSdsSecretConfig: { name: authorities, sdsConfig: ads },
        },
      },
    },
  });
  return { message, needs: { clusters: [], secrets: [authorities, ...own].sort() } };
}

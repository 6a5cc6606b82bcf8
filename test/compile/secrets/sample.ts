/** A kind of secret that only tests have, and a cluster that needs it. */
import type * as compiled from '../../../dataplane/compile/cluster.ts';
import type { SecretKind } from '../../../dataplane/compile/secrets/kinds.ts';
import { parseClusterName, resourceSecretName } from '../../../dataplane/compile/values/names.ts';
import { ads } from '../../../dataplane/compile/values/source.ts';
import { pack } from '../../../dataplane/envoy/any.ts';
import { CertificateValidationContext } from '../../../dataplane/envoy/gen/envoy/extensions/transport_sockets/tls/v3/common.ts';
import { UpstreamTlsContext } from '../../../dataplane/envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';

/** The CA is the certificate of this name. */
const ca: SecretKind<'certificate'> = {
  from: 'certificate',
  content: ({ certificateChain = '' }) => ({
    $case: 'validationContext',
    value: CertificateValidationContext.fromPartial({
      trustedCa: { specifier: { $case: 'inlineString', value: certificateChain } },
    }),
  }),
};

export const kinds = new Map([['ca', ca]]);

/** Makes each cluster speak TLS and verify the upstream with the CA of the upstream's name. */
export const verified =
  (cluster: typeof compiled.cluster): typeof compiled.cluster =>
  (configuration, tenant, fleet, name) => {
    const { message } = cluster(configuration, tenant, fleet, name);
    const secret = resourceSecretName('ca', tenant, parseClusterName(name).upstream);
    const context = UpstreamTlsContext.fromPartial({
      commonTlsContext: {
        validationContextType: {
          $case: 'validationContextSdsSecretConfig',
          value: { name: secret, sdsConfig: ads },
        },
      },
    });
    const typedConfig = pack(
      'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      UpstreamTlsContext,
      context,
    );
    return {
      message: {
        ...message,
        transportSocket: {
          name: 'envoy.transport_sockets.tls',
          configType: { $case: 'typedConfig', value: typedConfig },
        },
      },
      needs: { clusters: [], secrets: [secret] },
    };
  };

import { Secret } from '../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';

/**
 * Builds a TLS certificate for Envoy.
 *
 * @param name the name of the secret for which Envoy asked
 * @param certificateChain PEM, the host's certificate first
 * @param privateKey PEM
 */
export function secret(name: string, certificateChain: string, privateKey: string): Secret {
  return Secret.fromPartial({
    name,
    type: {
      $case: 'tlsCertificate',
      value: {
        certificateChain: { specifier: { $case: 'inlineString', value: certificateChain } },
        privateKey: { specifier: { $case: 'inlineString', value: privateKey } },
      },
    },
  });
}

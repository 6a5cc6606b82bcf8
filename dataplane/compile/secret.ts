import { Secret } from '../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';

/** The certificate for a server name; `name` is the one for which Envoy asked. */
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

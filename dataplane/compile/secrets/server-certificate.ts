import { canonicalChain } from '../../../model/kinds/certificate.ts';
import { Secret } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import type { SecretKind } from './kinds.ts';

/**
 * Builds a secret that contains a TLS certificate and its private key. The caller has checked that they belong
 * together.
 *
 * @param name the name under which Envoy requested the secret
 * @param certificateChain PEM, with the host's certificate first
 * @param privateKey PEM
 */
export function serverCertificate(name: string, certificateChain: string, privateKey: string): Secret {
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

/**
 * A certificate that Envoy shows to endpoints, or to the clients of a filter chain that has several certificates. The
 * checks of configurations allow no automatic certificate in such a place.
 */
export const namedCertificate: SecretKind<'certificate'> = {
  from: 'certificate',
  content: ({ certificateChain = '' }, privateKey) =>
    serverCertificate('', canonicalChain(certificateChain), privateKey()).type!,
};

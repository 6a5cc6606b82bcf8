import { TlsCertificate } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/common.ts';
import type { SecretKind } from './kinds.ts';

/** A certificate with its private key, which Envoy shows to the endpoints of an upstream. */
export const clientCertificate: SecretKind<'certificate'> = {
  from: 'certificate',
  content: ({ certificateChain }, privateKey) => ({
    $case: 'tlsCertificate',
    value: TlsCertificate.fromPartial({
      certificateChain: { specifier: { $case: 'inlineString', value: certificateChain } },
      privateKey: { specifier: { $case: 'inlineString', value: privateKey() } },
    }),
  }),
};

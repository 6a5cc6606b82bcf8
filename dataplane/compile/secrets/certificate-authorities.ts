import { CertificateValidationContext } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/common.ts';
import type { SecretKind } from './kinds.ts';

/** The CAs of a trust bundle with their revocation lists, which verify the other side of a TLS connection. */
export const certificateAuthorities: SecretKind<'trustBundle'> = {
  from: 'trustBundle',
  content: ({ certificates, crl }) => ({
    $case: 'validationContext',
    value: CertificateValidationContext.fromPartial({
      trustedCa: { specifier: { $case: 'inlineString', value: certificates } },
      ...(crl !== undefined && {
        crl: { specifier: { $case: 'inlineString', value: crl } },
        // Otherwise Envoy would require a list of every CA in the chain, of roots and intermediates too.
        onlyVerifyLeafCertCrl: true,
      }),
    }),
  }),
};

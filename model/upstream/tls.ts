import { z } from 'zod';
import { addressKind } from '../values/address.ts';
import { parseReference, ReferenceText, type ResourceName } from '../values/reference.ts';
import { SubjectAltName } from '../values/tls.ts';

export const UpstreamTls = z
  .strictObject({
    caCertificates: ReferenceText.optional().describe(
      'A trust bundle of the same tenant: the CAs that verify the certificates of the endpoints. Default: the root certificates of the machine on which the agent runs.',
    ),
    sni: z
      .string()
      .max(253)
      .refine((name) => addressKind(name) === 'dns', 'must be a DNS name')
      .optional()
      .describe('The server name (SNI) that the gateway sends; default: none.'),
    subjectAltNames: z
      .array(SubjectAltName)
      .min(1)
      .max(100)
      .optional()
      .describe(
        'The certificate of an endpoint must have at least one of these names: DNS names, URIs such as `spiffe://mesh/ns/shop`, or IP addresses, compared as a whole. Default: `sni`.',
      ),
    credentialName: ReferenceText.optional().describe(
      'A certificate of the same tenant that the gateway shows to the endpoints (mTLS).',
    ),
  })
  .superRefine(({ sni, subjectAltNames }, context) => {
    if (sni === undefined && subjectAltNames === undefined)
      context.addIssue({
        code: 'custom',
        path: ['sni'],
        message: 'sni or subjectAltNames is needed: otherwise any certificate of these CAs would be accepted',
        params: { code: 'required' },
      });
  })
  .meta({
    id: 'UpstreamTls',
    description: 'The gateway connects to the endpoints with TLS (1.2 or 1.3) and verifies their certificates.',
    example: { caCertificates: 'internal', sni: 'reviews.internal' },
  });
export type UpstreamTls = z.infer<typeof UpstreamTls>;

type Place = ResourceName & { path: string };

/** The certificates that the settings refer to, each with a JSON pointer inside the upstream. */
export const certificatesOf = (tls: UpstreamTls | undefined): Place[] =>
  tls?.credentialName === undefined ? [] : [{ ...parseReference(tls.credentialName), path: '/tls/credentialName' }];

/** The trust bundles that the settings refer to, each with a JSON pointer inside the upstream. */
export const trustBundlesOf = (tls: UpstreamTls | undefined): Place[] =>
  tls?.caCertificates === undefined ? [] : [{ ...parseReference(tls.caCertificates), path: '/tls/caCertificates' }];

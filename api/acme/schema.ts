import { z } from 'zod';

/** The states of a name, with what each means for its clients. */
const State = z.enum(['issued', 'renewing', 'pending', 'waiting', 'failed']).meta({
  description:
    '`issued`: Envoys show its certificate. `renewing`: the same, and a new certificate is being obtained, or will be tried again. `pending`: the first certificate is being obtained. `waiting`: something must happen first, which `reason` says. `failed`: the last attempt failed, and there is another one at `nextAttemptAt`.',
});

const CertificateName = z
  .strictObject({
    name: z.string().describe('The host.'),
    state: State,
    reason: z.string().optional().describe('Why there is no certificate yet, or why it could not be renewed.'),
    failures: z.int().optional().describe('How many attempts have failed since the last success.'),
    nextAttemptAt: z.iso
      .datetime()
      .optional()
      .describe(
        'When the next attempt, or the renewal, is due. For a host that waits for an order: about when one is possible.',
      ),
    notBefore: z.iso.datetime().optional(),
    notAfter: z.iso.datetime().optional(),
    issuedAt: z.iso.datetime().optional().describe('When the current certificate was obtained.'),
  })
  .meta({ id: 'CertificateName', description: 'A host for which a certificate is obtained.' });
export type CertificateName = z.infer<typeof CertificateName>;

export const CertificateStatus = z
  .object({ items: z.array(CertificateName), next: z.string().optional() })
  .meta({ id: 'CertificateStatus', description: 'The hosts of a certificate with `acme`.' });

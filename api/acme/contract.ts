import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { listing } from '../http/listing.ts';
import { CertificateStatus } from './schema.ts';

export const readCertificateStatus = listing({
  path: '/v1/tenants/{tenant}/certificates/{name}/status',
  access: 'tenant:read',
  operationId: 'readCertificateStatus',
  tag: { name: 'Certificates', description: 'Chains and keys that servers show. Keys are write-only.' },
  summary: 'Read how far the certificates of each host are',
  description:
    'For a certificate with `acme`: the hosts of the servers that name it, sorted. The list of any other certificate is empty.',
  params: z.object({ tenant: Name, name: Name }),
  list: CertificateStatus,
  sortedBy: 'name',
});

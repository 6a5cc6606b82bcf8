/** The contracts of the operations on a whole configuration. */
import { z } from '@hono/zod-openapi';
import { ConfigurationDocument, ConfigurationInput, documentOf } from '../../model/configuration.ts';
import type { Kind } from '../../model/kinds/index.ts';
import { Name } from '../../model/values/name.ts';
import { flag, wholeNumber } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { REVISIONS } from '../http/tags.ts';
import { dryRun, message, outcomes } from '../publishing/contract.ts';
import { gateProblems } from '../publishing/gates/index.ts';

const number = wholeNumber(1, Number.MAX_SAFE_INTEGER, 'Revision number.');
const TenantParams = z.object({ tenant: Name });

/**
 * The same as `ConfigurationInput`, except that names and specs are not checked. The verb checks them one by one, with
 * pauses for other requests.
 */
export const ConfigurationOutline = documentOf<Record<Kind, unknown>>(() => z.unknown(), z.string());

const tag = { name: 'Configuration', description: 'A whole configuration at once.' };

export const readConfiguration = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/configuration',
  access: 'tenant:read',
  operationId: 'readConfiguration',
  tag,
  summary: 'Read the whole configuration',
  params: TenantParams,
  query: z.strictObject({ revision: number.optional() }),
  response: 'bulk',
  answers: {
    200: {
      description: 'The whole configuration.',
      body: ConfigurationDocument,
      headers: ['ETag', 'Gatehouse-Revision'],
    },
  },
  problems: ['revision-pruned'],
});
export const applyConfiguration = contract({
  method: 'put',
  path: '/v1/tenants/{tenant}/configuration',
  access: 'tenant:write',
  operationId: 'applyConfiguration',
  tag,
  summary: 'Replace the whole configuration',
  params: TenantParams,
  query: z.strictObject({
    prune: flag('Whether to delete resources that the document does not contain. Default: true.'),
    ...dryRun,
    message: message.optional().openapi({ description: 'The reason for the change.' }),
  }),
  body: { schema: ConfigurationOutline, documented: ConfigurationInput, size: 'bulk' },
  headers: ['If-Match', 'Prefer'],
  answers: outcomes,
  problems: gateProblems,
});
export const readRevisionConfiguration = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/revisions/{revision}/configuration',
  access: 'tenant:read',
  operationId: 'readRevisionConfiguration',
  tag: REVISIONS,
  summary: 'Read the whole configuration at a revision',
  params: z.object({ tenant: Name, revision: number }),
  response: 'bulk',
  answers: {
    200: {
      description: 'The whole configuration.',
      body: ConfigurationDocument,
      headers: ['ETag', 'Gatehouse-Revision'],
    },
  },
  problems: ['revision-pruned'],
});

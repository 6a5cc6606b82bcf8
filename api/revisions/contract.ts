import { z } from '@hono/zod-openapi';
import type { Kind } from '../../model/kinds/index.ts';
import { Name } from '../../model/values/name.ts';
import { listing } from '../http/listing.ts';
import { wholeNumber } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { REVISIONS } from '../http/tags.ts';
import { dryRun, message, outcomes } from '../publishing/contract.ts';
import { gateProblems } from '../publishing/gates/index.ts';
import { KindName, Revision, RevisionList } from './schema.ts';

const number = wholeNumber(1, Number.MAX_SAFE_INTEGER, 'Revision number.');
const TenantParams = z.object({ tenant: Name });
const RevisionParams = z.object({ tenant: Name, revision: number });
const MAX_CHANGES = 10_000;
/** Makes the schema of a body that changes several resources. `puts` is the schema of one written resource. */
const revisionOf = (puts: z.ZodType<{ kind: Kind; name: string; spec?: unknown }>) =>
  z.strictObject({
    message: message.optional(),
    dryRun: z.boolean().optional().describe('The same as `dryRun` in the query.'),
    puts: z.array(puts).max(MAX_CHANGES).optional(),
    deletes: z
      .array(z.strictObject({ kind: KindName, name: Name }).meta({ id: 'RevisionDelete' }))
      .max(MAX_CHANGES)
      .optional(),
    restore: z
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('Restore the configuration of this revision, instead of puts and deletes.'),
  });
const RevisionCreate = revisionOf(
  z
    .strictObject({
      kind: KindName,
      name: Name,
      spec: z.record(z.string(), z.unknown()).describe('The spec, as in a PUT of a resource of this kind.'),
    })
    .meta({ id: 'RevisionPut' }),
).meta({
  id: 'RevisionCreate',
  description: 'Several changes that are written as one revision.',
  example: {
    message: 'move the ratings',
    puts: [{ kind: 'upstream', name: 'ratings', spec: { port: 9080, endpoints: [{ address: '10.0.0.9' }] } }],
  },
});
/** The same body without a check of the specs. The verb checks the specs one by one, with pauses for other requests. */
const RevisionOutline = revisionOf(z.strictObject({ kind: KindName, name: Name, spec: z.unknown() }));

const tag = REVISIONS;
export const createRevision = contract({
  method: 'post',
  path: '/v1/tenants/{tenant}/revisions',
  access: 'tenant:write',
  operationId: 'createRevision',
  tag,
  summary: 'Change several resources as one revision',
  params: TenantParams,
  query: z.strictObject(dryRun),
  body: { schema: RevisionOutline, documented: RevisionCreate, size: 'bulk' },
  headers: ['If-Match', 'Prefer', 'Idempotency-Key'],
  answers: outcomes,
  problems: [...gateProblems, 'revision-pruned'],
});
export const listRevisions = listing({
  path: '/v1/tenants/{tenant}/revisions',
  access: 'tenant:read',
  operationId: 'listRevisions',
  tag,
  summary: 'List revisions, newest first',
  params: TenantParams,
  response: 'bulk',
  list: RevisionList,
});
export const readRevision = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/revisions/{revision}',
  access: 'tenant:read',
  operationId: 'readRevision',
  tag,
  summary: 'Read a revision',
  params: RevisionParams,
  response: 'resource',
  answers: { 200: { description: 'The revision.', body: Revision } },
  problems: ['revision-pruned'],
});

import { z } from '@hono/zod-openapi';
import { type Kind, kinds, oneOf, tagOf } from '../../model/kinds/index.ts';
import { Name } from '../../model/values/name.ts';
import { MAX_LISTED } from '../../model/violations.ts';
import { writeOf } from '../access/matrix.ts';
import { listing } from '../http/listing.ts';
import { label, prefix, wholeNumber } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { ProblemViolation } from '../problem.ts';
import { dryRun, isDryRun, writeHeaders } from '../publishing/contract.ts';
import { gateProblems } from '../publishing/gates/index.ts';
import { pageOf } from '../view.ts';

const TenantParams = z.object({ tenant: Name });
const ResourceParams = z.object({ tenant: Name, name: Name });
/** The query parameter of a read that chooses the revision. */
const asOf = {
  revision: wholeNumber(1, Number.MAX_SAFE_INTEGER, 'The revision to read. Default: the head.').optional(),
};

/** The body of a PATCH. Any JSON object is accepted, because only the patched spec must match the schema. */
const MergePatch = z.record(z.string(), z.unknown()).meta({
  id: 'MergePatch',
  description: 'A JSON merge patch (RFC 7396): members replace stored ones, and null removes a member.',
  example: { labels: { team: 'books', tier: null } },
});

const Warnings = z
  .array(ProblemViolation)
  .max(MAX_LISTED)
  .meta({ description: 'Warnings about the written resource, and about other resources that the change affects.' });
/**
 * The body of the response to a deletion. There is a body only for a dry run, for a request with `Prefer: wait`, and
 * when there are warnings.
 */
const Deletion = z
  .object({ revision: z.int(), dryRun: isDryRun, warnings: Warnings.optional() })
  .meta({ id: 'Waited' });

/** Makes the contracts of all operations on one kind. They have the same form for all kinds. */
export function contractsOf(kind: Kind) {
  const { plural, title, summary, schema, input, info } = kinds[kind];
  const access = writeOf(kind);
  const tag = { name: tagOf(kind), description: summary };
  const Resource = z
    .object({
      name: Name,
      revision: z.int().meta({ description: 'The revision that last changed the resource.' }),
      updatedAt: z.iso.datetime(),
      spec: schema as z.ZodType,
      ...(info && { info: info.optional() }),
    })
    .meta({ id: `${title}Resource` });
  const Written = Resource.extend({ dryRun: isDryRun, warnings: Warnings }).meta({ id: `${title}Written` });
  const List = pageOf(Resource, `${title}List`);
  const itemPath = `/v1/tenants/{tenant}/${plural}/{name}`;
  const writeAnswers = {
    200: {
      description:
        'The resource was replaced. With `Prefer: wait`, the change is also live on every connected node. For a dry run, the body shows what the write would do, and nothing was written.',
      body: Written,
      headers: writeHeaders,
    },
    202: {
      description:
        'The resource was written, but the change was not live on every connected node at the end of the wait.',
      body: Written,
      headers: writeHeaders,
    },
  };
  return {
    list: listing({
      path: `/v1/tenants/{tenant}/${plural}`,
      access: 'tenant:read',
      operationId: `list${tag.name}`,
      tag,
      summary: `List ${plural}`,
      params: TenantParams,
      filters: { prefix, label, ...asOf },
      response: 'bulk',
      list: List,
      sortedBy: 'name',
      problems: ['revision-pruned'],
    }),
    read: contract({
      method: 'get',
      path: itemPath,
      access: 'tenant:read',
      operationId: `read${title}`,
      tag,
      summary: `Read ${oneOf(kind)}`,
      params: ResourceParams,
      query: z.strictObject(asOf),
      response: 'resource',
      answers: { 200: { description: 'The resource.', body: Resource, headers: ['ETag'] } },
      problems: ['revision-pruned'],
    }),
    put: contract({
      method: 'put',
      path: itemPath,
      access,
      operationId: `put${title}`,
      tag,
      summary: `Create or replace ${oneOf(kind)}`,
      params: ResourceParams,
      query: z.strictObject(dryRun),
      // The verb checks the spec, and warns about what the stored spec lacks.
      body: { schema: z.unknown(), documented: input as z.ZodType, size: 'resource' },
      headers: ['If-Match', 'If-None-Match', 'Prefer'],
      answers: {
        200: writeAnswers[200],
        202: writeAnswers[202],
        201: { description: 'The resource was created.', body: Written, headers: writeHeaders },
      },
      problems: gateProblems,
    }),
    patch: contract({
      method: 'patch',
      path: itemPath,
      access,
      operationId: `patch${title}`,
      tag,
      summary: `Change parts of ${oneOf(kind)}`,
      params: ResourceParams,
      query: z.strictObject(dryRun),
      body: { schema: MergePatch, types: ['application/merge-patch+json', 'application/json'], size: 'resource' },
      headers: ['If-Match', 'Prefer'],
      answers: writeAnswers,
      problems: gateProblems,
    }),
    remove: contract({
      method: 'delete',
      path: itemPath,
      access,
      operationId: `delete${title}`,
      tag,
      summary: `Delete ${oneOf(kind)}`,
      params: ResourceParams,
      query: z.strictObject(dryRun),
      headers: ['If-Match', 'Prefer'],
      problems: [...gateProblems, 'still-referenced'],
      answers: {
        204: { description: 'The resource was deleted.', headers: ['Gatehouse-Revision'] },
        200: {
          description:
            'The resource was deleted, and there are warnings or the request had `Prefer: wait`. In the second case, the deletion is also live on every connected node. For a dry run, nothing was deleted.',
          body: Deletion,
          headers: writeHeaders,
        },
        202: {
          description:
            'The resource was deleted, but the deletion was not live on every connected node at the end of the wait.',
          body: Deletion,
          headers: writeHeaders,
        },
      },
    }),
  };
}

import { z } from '@hono/zod-openapi';
import { type Kind, kinds, oneOf, tagOf } from '../../model/kinds/index.ts';
import { Name } from '../../model/values/name.ts';
import { LISTED } from '../../model/violations.ts';
import { label, pageQuery, prefix, whole } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { ProblemViolation } from '../problem.ts';
import { dryRun, writeHeaders } from '../publishing/contract.ts';
import { gateProblems } from '../publishing/gates/index.ts';

const TenantParams = z.object({ tenant: Name });
const ResourceParams = z.object({ tenant: Name, name: Name });
const asOf = {
  revision: whole(1, Number.MAX_SAFE_INTEGER, 'The revision to read. Default: the head.').optional(),
};

/** The body of a PATCH. Any JSON object is accepted, because only the patched spec must match the schema. */
const MergePatch = z.record(z.string(), z.unknown()).meta({
  id: 'MergePatch',
  description: 'A JSON merge patch (RFC 7396): members replace stored ones, and null removes a member.',
});

/**
 * The warnings of a write. The response to a deletion contains only the revision and the warnings, and only with
 * `Prefer: wait` or when there are warnings. The other writes respond with the resource.
 */
const Warnings = z
  .array(ProblemViolation)
  .max(LISTED)
  .meta({ description: 'Warnings about the written resource, and about other resources that the change affects.' });
const Waited = z.object({ revision: z.int(), warnings: Warnings.optional() }).meta({ id: 'Waited' });

/** Makes the contracts of all operations on one kind. They have the same form for all kinds. */
export function contractsOf(kind: Kind) {
  const { plural, title, summary, schema, input, info, writableBy: access } = kinds[kind];
  const tag = { name: tagOf(kind), description: summary };
  const Resource = z
    .object({
      name: Name,
      revision: z.int().meta({ description: 'The revision that last changed it.' }),
      updatedAt: z.iso.datetime(),
      spec: schema as z.ZodType,
      ...(info && { info: info.optional() }),
    })
    .meta({ id: `${title}Resource` });
  const Written = Resource.extend({ warnings: Warnings }).meta({ id: `${title}Written` });
  const List = z.object({ items: z.array(Resource), next: z.string().optional() }).meta({ id: `${title}List` });
  const one = `/v1/tenants/{tenant}/${plural}/{name}`;
  const written = {
    200: {
      description: 'Replaced, or, with `Prefer: wait`, live on every connected node, or the preview of a dry run.',
      body: Written,
      headers: writeHeaders,
    },
    202: { description: 'Written, but not live at the end of the wait.', body: Written, headers: writeHeaders },
  };
  return {
    list: contract({
      method: 'get',
      path: `/v1/tenants/{tenant}/${plural}`,
      access: 'tenant:read',
      operationId: `list${tag.name}`,
      tag,
      summary: `List ${plural}`,
      params: TenantParams,
      query: z.strictObject({ ...pageQuery, prefix, label, ...asOf }),
      answers: { 200: { description: 'A page, sorted by name.', body: List } },
      problems: ['revision-pruned'],
    }),
    read: contract({
      method: 'get',
      path: one,
      access: 'tenant:read',
      operationId: `read${title}`,
      tag,
      summary: `Read ${oneOf(kind)}`,
      params: ResourceParams,
      query: z.strictObject(asOf),
      answers: { 200: { description: 'The resource.', body: Resource, headers: ['ETag'] } },
      problems: ['revision-pruned'],
    }),
    put: contract({
      method: 'put',
      path: one,
      access,
      operationId: `put${title}`,
      tag,
      summary: `Create or replace ${oneOf(kind)}`,
      params: ResourceParams,
      query: z.strictObject(dryRun),
      body: { schema: input as z.ZodType, size: 'resource' },
      headers: ['If-Match', 'If-None-Match', 'Prefer'],
      answers: {
        200: written[200],
        202: written[202],
        201: { description: 'Created.', body: Written, headers: writeHeaders },
      },
      problems: gateProblems,
    }),
    patch: contract({
      method: 'patch',
      path: one,
      access,
      operationId: `patch${title}`,
      tag,
      summary: `Change parts of ${oneOf(kind)}`,
      params: ResourceParams,
      query: z.strictObject(dryRun),
      body: { schema: MergePatch, types: ['application/merge-patch+json', 'application/json'], size: 'resource' },
      headers: ['If-Match', 'Prefer'],
      answers: written,
      problems: gateProblems,
    }),
    remove: contract({
      method: 'delete',
      path: one,
      access,
      operationId: `delete${title}`,
      tag,
      summary: `Delete ${oneOf(kind)}`,
      params: ResourceParams,
      query: z.strictObject(dryRun),
      headers: ['If-Match', 'Prefer'],
      problems: [...gateProblems, 'still-referenced'],
      answers: {
        204: { description: 'Deleted.', headers: ['Gatehouse-Revision'] },
        200: {
          description: 'Deleted, with warnings, or, with `Prefer: wait`, live on every connected node, or a dry run.',
          body: Waited,
          headers: writeHeaders,
        },
        202: { description: 'Deleted, but not live at the end of the wait.', body: Waited, headers: writeHeaders },
      },
    }),
  };
}

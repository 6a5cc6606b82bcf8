import { z } from '@hono/zod-openapi';
import { ConfigurationDocument, ConfigurationInput, documentOf } from '../../model/configuration.ts';
import { type Kind, kindIds } from '../../model/kinds/index.ts';
import { Name } from '../../model/values/name.ts';
import { Protocol } from '../../model/values/protocol.ts';
import { LISTED } from '../../model/violations.ts';
import type { HeaderName } from '../http/components.ts';
import { flag, pageQuery, whole } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { ProblemViolation } from '../problem.ts';

const number = whole(1, Number.MAX_SAFE_INTEGER, 'Revision number.');
const TenantParams = z.object({ tenant: Name });
const RevisionParams = z.object({ tenant: Name, revision: number });
const message = z.string().max(2000);
const KindName = z.enum(kindIds as [Kind, ...Kind[]]);
const writeHeaders: readonly HeaderName[] = [
  'ETag',
  'Gatehouse-Revision',
  'Gatehouse-Status',
  'Preference-Applied',
  'Link',
];

const Revision = z
  .object({
    number: z.int(),
    parent: z.int(),
    author: z.string(),
    message: z.string(),
    createdAt: z.iso.datetime(),
    contentHash: z
      .string()
      .meta({ description: 'SHA-256 over every resource; equal configurations have equal hashes.' }),
    changes: z.array(
      z.object({ verb: z.enum(['put', 'delete']), kind: KindName, name: z.string() }).meta({ id: 'RevisionChange' }),
    ),
    restores: z.int().optional(),
  })
  .meta({ id: 'Revision' });
const RevisionList = z.object({ items: z.array(Revision), next: z.string().optional() }).meta({ id: 'RevisionList' });

const MAX_CHANGES = 10_000;
const revisionOf = (puts: z.ZodType<{ kind: Kind; name: string; spec?: unknown }>) =>
  z.strictObject({
    message: message.optional(),
    dryRun: z.boolean().optional().describe('Say what would happen, and write nothing.'),
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
      .describe('Make the configuration what it was at this revision; instead of puts and deletes.'),
  });
const RevisionCreate = revisionOf(
  z
    .strictObject({
      kind: KindName,
      name: Name,
      spec: z.record(z.string(), z.unknown()).describe('As in the PUT of that kind.'),
    })
    .meta({ id: 'RevisionPut' }),
).meta({ id: 'RevisionCreate', description: 'Several changes as one revision.' });
/** Specs are read by the verb, one after the other with pauses: they may be many. */
const RevisionOutline = revisionOf(z.strictObject({ kind: KindName, name: Name, spec: z.unknown() }));

const Difference = z
  .object({
    resource: z.string(),
    path: z.string().meta({ description: 'JSON pointer inside the spec; empty when the whole resource came or went.' }),
    operation: z.enum(['add', 'remove', 'replace']),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({ id: 'Difference' });
const Outcome = z
  .object({
    revision: z.int().meta({ description: 'The revision that holds it; of a dry run, the one it would be.' }),
    changed: z.boolean().meta({ description: 'False when the configuration was already so: no revision was made.' }),
    dryRun: z.boolean(),
    errors: z
      .array(ProblemViolation)
      .max(LISTED)
      .meta({ description: 'Only for a dry run: why the change would be rejected.' }),
    moreErrors: z.int().optional().meta({ description: 'Number of further ones that are not listed.' }),
    warnings: z.array(ProblemViolation).max(LISTED),
    moreWarnings: z.int().optional().meta({ description: 'Number of further ones that are not listed.' }),
    diff: z.array(Difference),
  })
  .meta({ id: 'RevisionOutcome' });

/** The same as `ConfigurationInput` but for names and specs: the verb reads them, one after the other with pauses. */
export const ConfigurationOutline = documentOf<Record<Kind, unknown>>(() => z.unknown(), z.string());

const NodeState = z.enum(['pending', 'acked', 'live', 'rejected', 'superseded']);
const Status = z
  .object({
    revision: z.int(),
    state: z.enum(['pending', 'acked', 'live', 'rejected', 'superseded', 'unserved']).meta({
      description:
        'The state of this revision’s own changes. `superseded`: a later revision overwrote them before they were served. `unserved`: no fleet serves any of what it changed, before or after the change. An upstream or a certificate is served with the routes or gateways that refer to it; if none do, there is nothing to wait for.',
    }),
    stillRejected: z
      .array(
        z
          .object({
            revision: z.int(),
            fleet: z.string(),
            node: z.string(),
            resource: z.string(),
            path: z.string(),
            message: z.string(),
            at: z.iso.datetime(),
          })
          .meta({ id: 'StandingRejection' }),
      )
      .meta({
        description:
          'Rejections of earlier revisions that still apply: the nodes stay on the last good version until a later revision repairs it.',
      }),
    fleets: z.array(
      z
        .object({
          fleet: z.string(),
          state: NodeState,
          nodes: z.array(
            z
              .object({
                node: z.string(),
                agent: z.string(),
                version: z.string(),
                connected: z.boolean(),
                lastSeenAt: z.iso.datetime(),
                state: NodeState,
                rejections: z.array(
                  z
                    .object({
                      resource: z.string(),
                      path: z.string(),
                      message: z.string().meta({ description: "Envoy's own words." }),
                      at: z.iso.datetime(),
                    })
                    .meta({ id: 'NodeRejection' }),
                ),
              })
              .meta({ id: 'NodeRevisionStatus' }),
          ),
        })
        .meta({ id: 'FleetRevisionStatus' }),
    ),
    gateways: z.array(
      z
        .object({
          name: z.string(),
          fleets: z.array(z.string()),
          reason: z
            .string()
            .optional()
            .meta({ description: 'When no fleet serves it, or a node does not listen on one of its ports: why.' }),
          unserved: z
            .array(z.object({ path: z.string(), reason: z.string() }).meta({ id: 'UnservedPlace' }))
            .optional()
            .meta({ description: 'Servers and hosts of it that no fleet serves.' }),
        })
        .meta({ id: 'GatewayStatus' }),
    ),
    routes: z.array(
      z
        .object({
          name: z.string(),
          hosts: z.array(
            z
              .object({
                host: z.string(),
                bound: z.array(
                  z
                    .object({
                      gateway: z.string(),
                      port: z.int(),
                      protocol: Protocol,
                      host: z.string(),
                      reason: z
                        .string()
                        .optional()
                        .meta({ description: 'When a node does not listen on the port: why.' }),
                    })
                    .meta({ id: 'BoundHost' }),
                ),
                moreBound: z.int().optional().meta({
                  description:
                    'How many more places it is bound at than those listed: at most a hundred of a host, and ten thousand of a response. Up to 1,000 of a host are counted.',
                }),
                reason: z.string().optional().meta({ description: 'When it is bound nowhere: why.' }),
              })
              .meta({ id: 'HostStatus' }),
          ),
        })
        .meta({ id: 'RouteStatus' }),
    ),
    upstreams: z
      .array(
        z
          .object({
            name: z.string(),
            unserved: z.array(
              z.object({ path: z.string(), fleet: z.string(), reason: z.string() }).meta({ id: 'DeniedEndpoint' }),
            ),
            moreUnserved: z.int().optional().meta({ description: 'How many more there are than the hundred listed.' }),
          })
          .meta({ id: 'UpstreamStatus' }),
      )
      .meta({ description: 'Upstreams with endpoints to which a fleet that serves the tenant sends nothing.' }),
  })
  .meta({ id: 'RevisionStatus' });

const tag = 'Revisions';
const outcomes = {
  200: {
    description: 'A dry run; or nothing to change; or, with `Prefer: wait`, live on every connected node.',
    body: Outcome,
    headers: writeHeaders,
  },
  201: { description: 'A new revision.', body: Outcome, headers: [...writeHeaders, 'Location' as const] },
  202: { description: 'Written, but not live within the time waited.', body: Outcome, headers: writeHeaders },
};

export const createRevision = contract({
  method: 'post',
  path: '/v1/tenants/{tenant}/revisions',
  access: 'tenant:write',
  operationId: 'createRevision',
  tag,
  summary: 'Change several resources as one revision',
  params: TenantParams,
  body: { schema: RevisionOutline, documented: RevisionCreate, size: 'bulk' },
  headers: ['If-Match', 'Prefer', 'Idempotency-Key'],
  answers: outcomes,
  problems: ['host-taken', 'revision-pruned'],
});
export const listRevisions = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/revisions',
  access: 'tenant:read',
  operationId: 'listRevisions',
  tag,
  summary: 'List revisions, newest first',
  params: TenantParams,
  query: z.strictObject(pageQuery),
  answers: { 200: { description: 'A page.', body: RevisionList } },
});
export const readRevision = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/revisions/{revision}',
  access: 'tenant:read',
  operationId: 'readRevision',
  tag,
  summary: 'Read a revision',
  params: RevisionParams,
  answers: { 200: { description: 'The revision.', body: Revision } },
  problems: ['revision-pruned'],
});
export const readRevisionConfiguration = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/revisions/{revision}/configuration',
  access: 'tenant:read',
  operationId: 'readRevisionConfiguration',
  tag,
  summary: 'The whole configuration as of a revision',
  params: RevisionParams,
  answers: {
    200: { description: 'The configuration.', body: ConfigurationDocument, headers: ['ETag', 'Gatehouse-Revision'] },
  },
  problems: ['revision-pruned'],
});
export const readStatus = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/revisions/{revision}/status',
  access: 'tenant:read',
  operationId: 'readRevisionStatus',
  tag,
  summary: 'Where a revision is, fleet by fleet and node by node',
  params: RevisionParams,
  answers: { 200: { description: 'Its status.', body: Status } },
  problems: ['revision-pruned'],
});
export const readConfiguration = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/configuration',
  access: 'tenant:read',
  operationId: 'readConfiguration',
  tag: 'Configuration',
  summary: 'The whole configuration',
  params: TenantParams,
  query: z.strictObject({ revision: number.optional() }),
  answers: {
    200: { description: 'The configuration.', body: ConfigurationDocument, headers: ['ETag', 'Gatehouse-Revision'] },
  },
  problems: ['revision-pruned'],
});
export const applyConfiguration = contract({
  method: 'put',
  path: '/v1/tenants/{tenant}/configuration',
  access: 'tenant:write',
  operationId: 'applyConfiguration',
  tag: 'Configuration',
  summary: 'Make the whole configuration this',
  params: TenantParams,
  query: z.strictObject({
    prune: flag('Delete what the document does not have; default true.'),
    dryRun: flag('Say what would happen, and write nothing.'),
    message: message.optional().openapi({ description: 'Why.' }),
  }),
  body: { schema: ConfigurationOutline, documented: ConfigurationInput, size: 'bulk' },
  headers: ['If-Match', 'Prefer'],
  answers: outcomes,
  problems: ['host-taken'],
});

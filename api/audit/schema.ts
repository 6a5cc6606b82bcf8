/** The schemas of the audit log's entries in responses. The store's rows derive their types from them. */
import { z } from 'zod';

const AuditDifference = z
  .object({
    resource: z
      .string()
      .optional()
      .meta({ description: 'The changed resource of a configuration.', example: 'routes/web' }),
    path: z
      .string()
      .meta({ description: 'JSON pointer to the changed field. Empty when a whole resource was added or removed.' }),
    operation: z.enum(['add', 'remove', 'replace']),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({
    id: 'AuditDifference',
    description: 'A changed field. Fields of configurations have no values here: the revisions contain them.',
  });

export const AuditEntry = z
  .object({
    chain: z.string().meta({
      description: 'The chain of the entry: that of a tenant, of a person, or of the platform.',
      example: 'platform',
    }),
    number: z.int().meta({ description: 'The number of the entry in its chain, from 1, without gaps.' }),
    actor: z.string().meta({
      description: 'Who acted: `person:`, `token:`, `agent:` or `job:`, and an id or a name.',
      example: 'token:0198c0de-0000-7000-8000-000000000000',
    }),
    actorName: z.string().optional().meta({
      description:
        'The e-mail address of a person who is a member of the tenant, or the description of its token, as they are now. Exports do not have it, and the hash does not cover it.',
      example: 'ada@example.com',
    }),
    action: z.string().meta({ example: 'publish' }),
    target: z.string().meta({ description: 'The path of the object.', example: 'tenants/bookinfo/revisions/7' }),
    at: z.iso.datetime(),
    requestId: z.string(),
    remote: z.string().meta({ description: 'The IP address of the client; empty when it is unknown.' }),
    diff: z
      .object({
        changes: z.array(AuditDifference),
        isPartial: z.literal(true).optional().meta({ description: 'Present when there are more changes.' }),
      })
      .optional()
      .meta({ description: 'What the action changed. Absent when the action and the target say everything.' }),
    previous: z.string().meta({ description: 'The hash of the entry before this one; empty in the first entry.' }),
    hash: z
      .string()
      .meta({ description: 'SHA-256, in hex, of the hash before it, the number and the content of the entry.' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryView = z.infer<typeof AuditEntry>;

export const AuditPage = z
  .object({
    items: z.array(AuditEntry),
    next: z.string().optional().meta({
      description: 'Present when there may be more entries. A page can have fewer entries than `limit`, or none.',
    }),
  })
  .meta({ id: 'AuditPage' });

/**
 * The schemas of revisions in responses. The contract, the view and the store's rows derive their types from these
 * schemas.
 */
import { z } from 'zod';
import { type Kind, kindIds } from '../../model/kinds/index.ts';
import { pageOf } from '../view.ts';

export const KindName = z.enum(kindIds as [Kind, ...Kind[]]);

export const Revision = z
  .object({
    number: z.int(),
    parent: z.int(),
    author: z.string().meta({
      description: 'Who wrote the revision: `person:` or `token:`, and an id.',
      example: 'person:0198c0de-0000-7000-8000-000000000000',
    }),
    authorName: z.string().optional().meta({
      description: 'The e-mail address of the author, as it is now, if the author is a member of the tenant.',
      example: 'ada@example.com',
    }),
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
export type RevisionView = z.infer<typeof Revision>;
export const RevisionList = pageOf(Revision, 'RevisionList');

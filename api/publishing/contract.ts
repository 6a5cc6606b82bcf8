/** Request and response parts that the contracts of all writes share. */
import { z } from '@hono/zod-openapi';
import { lines } from '../../model/values/shown-text.ts';
import { MAX_LISTED } from '../../model/violations.ts';
import type { HeaderName } from '../http/components.ts';
import { flag } from '../http/paging.ts';
import { ProblemViolation } from '../problem.ts';
import { Difference } from './schema.ts';

/** The reason for a revision, in words of the tenant. */
export const message = lines(2000);
/** The query parameter of a write that requests a dry run. */
export const dryRun = { dryRun: flag('Return the result that the write would have, and write nothing.') };
/** The field of a response that says whether the write was a dry run. */
export const isDryRun = z.boolean().meta({ description: 'True for a dry run: nothing was written.' });

/** The headers of the response to a write. */
export const writeHeaders: readonly HeaderName[] = [
  'ETag',
  'Gatehouse-Revision',
  'Gatehouse-Status',
  'Preference-Applied',
  'Link',
];

/** The body of the response to a write of several resources. */
export const Outcome = z
  .object({
    revision: z.int().meta({
      description: 'The revision that contains the change. For a dry run, the number that the revision would have.',
    }),
    changed: z
      .boolean()
      .meta({ description: 'False when the configuration already had this state, so that no revision was created.' }),
    dryRun: isDryRun,
    errors: z
      .array(ProblemViolation)
      .max(MAX_LISTED)
      .meta({ description: 'For a dry run: the violations for which the change would be rejected.' }),
    moreErrors: z.int().optional().meta({ description: 'The number of errors that are not listed.' }),
    warnings: z.array(ProblemViolation).max(MAX_LISTED),
    moreWarnings: z.int().optional().meta({ description: 'The number of warnings that are not listed.' }),
    diff: z.array(Difference),
  })
  .meta({ id: 'RevisionOutcome' });

/** The responses to a write of several resources, by status. */
export const outcomes = {
  200: {
    description:
      'The request was a dry run, or it changed nothing, or it had `Prefer: wait` and the change is live on every connected node.',
    body: Outcome,
    headers: writeHeaders,
  },
  201: { description: 'A new revision was created.', body: Outcome, headers: [...writeHeaders, 'Location' as const] },
  202: {
    description: 'A new revision was created, but was not live on every connected node at the end of the wait.',
    body: Outcome,
    headers: writeHeaders,
  },
};

/**
 * The schemas of enrolments in requests and responses. The contracts, the views and the store's rows derive their types
 * from these schemas.
 */
import { z } from 'zod';
import { line } from '../../model/values/shown-text.ts';
import { pageOf } from '../view.ts';

/** The longest time for which a token to enrol is valid, in seconds. */
const LONGEST_SECONDS = 7 * 24 * 3600;

export const Enrolment = z
  .object({
    id: z.string(),
    description: z.string(),
    createdBy: z.string().optional().meta({
      description:
        'Who created the token, such as `person:<id>`. The token enrols nobody when its creator may not change the fleet any more.',
    }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    usedAt: z.iso.datetime().optional(),
    revokedAt: z.iso.datetime().optional(),
    agent: z.string().optional().meta({ description: 'The id of the agent that used the token.' }),
  })
  .meta({ id: 'Enrolment', description: 'A one-time token with which an agent enrols, without the token itself.' });
export type EnrolmentView = z.infer<typeof Enrolment>;

export const EnrolmentCreated = Enrolment.extend({
  token: z.string().meta({ description: 'The token for `gatehouse agent enroll`. No later response contains it.' }),
}).meta({ id: 'EnrolmentCreated' });
export const EnrolmentList = pageOf(Enrolment, 'EnrolmentList');

export const EnrolmentCreate = z
  .strictObject({
    description: line(200).optional(),
    expiresIn: z
      .int()
      .min(1)
      .max(LONGEST_SECONDS)
      .optional()
      .describe('Seconds for which the token is valid, at most a week. Default: 3600.'),
  })
  .meta({ id: 'EnrolmentCreate', example: { description: 'machine edge-1', expiresIn: 3600 } });

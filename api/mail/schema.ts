import { z } from 'zod';
import { pageOf } from '../view.ts';

const STATES = ['queued', 'sent', 'failed'] as const;
export const MailState = z.enum(STATES);

export const Mail = z
  .object({
    id: z.string().meta({ description: 'Also the first part of the `Message-ID`.' }),
    recipient: z.string(),
    template: z.string().meta({ description: 'Such as `verify-address`.' }),
    state: MailState.meta({
      description: '`queued`: it waits for its next attempt. `failed`: it was refused, or it expired.',
    }),
    attempts: z.int().meta({ description: 'The number of attempts so far.' }),
    dueAt: z.iso.datetime().meta({
      description: 'The time of the next attempt. Of a message that is sent or failed: when that happened.',
    }),
    expiresAt: z.iso.datetime().meta({ description: 'A message that is not sent at this time fails.' }),
    createdAt: z.iso.datetime(),
    error: z.string().optional().meta({ description: 'Why the last attempt failed.' }),
  })
  .meta({
    id: 'Mail',
    description: 'An e-mail message in the queue, or one that was sent or has failed. Its content is never returned.',
  });
export type MailView = z.infer<typeof Mail>;

export const MailList = pageOf(Mail, 'MailList');

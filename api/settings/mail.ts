import { z } from 'zod';
import { ms, whole } from './variable.ts';

/** The variables of e-mail. */
export const mailVariables = {
  GATEHOUSE_MAIL: z.string().optional().meta({
    description:
      'Where e-mail goes: `smtp://USER:PASSWORD@HOST:PORT`, `smtps://…`, `file:DIR`, or the `https://…` URL of a webhook.',
    fallback: 'none; messages wait until they expire',
  }),
  GATEHOUSE_MAIL_FROM: z.string().max(400).default('Gatehouse <gatehouse@localhost>').meta({
    description: 'Sender of e-mail.',
  }),
  GATEHOUSE_MAIL_SECRET: z.string().optional().meta({
    description: 'Signs the requests to a webhook for e-mail: `whsec_` and the base64 of 24 to 64 bytes.',
    fallback: 'none; required with a webhook',
  }),
  GATEHOUSE_MAIL_LIMIT: whole(5, 1).meta({
    description:
      'Mails that one client may request for one address per day, or one tenant by invitations, before it must wait. Also the notices of one kind that one recipient gets per hour; more are dropped.',
  }),
  GATEHOUSE_MAIL_INTERVAL: ms(5_000, 10).meta({
    description: 'How often the queue of e-mail is sent. On Workers at least one minute.',
    unit: 'ms',
  }),
};

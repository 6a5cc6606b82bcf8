import { listing } from '../http/listing.ts';
import { MailList, MailState } from './schema.ts';

export const listMail = listing({
  path: '/v1/mail',
  access: 'operator',
  operationId: 'listMail',
  tag: { name: 'Mail', description: 'The queue of e-mail messages.' },
  summary: 'List messages, the newest first',
  filters: { state: MailState.optional().openapi({ description: 'Only messages in this state, such as `failed`.' }) },
  list: MailList,
});

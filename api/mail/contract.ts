import { z } from '@hono/zod-openapi';
import { pageQuery } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { MailList, MailState } from './schema.ts';

export const listMail = contract({
  method: 'get',
  path: '/v1/mail',
  access: 'operator',
  operationId: 'listMail',
  tag: { name: 'Mail', description: 'The queue of e-mail messages.' },
  summary: 'List messages, the newest first',
  query: z.strictObject({
    ...pageQuery,
    state: MailState.optional().openapi({ description: 'Only messages in this state, such as `failed`.' }),
  }),
  answers: { 200: { description: 'One page of the list.', body: MailList } },
});

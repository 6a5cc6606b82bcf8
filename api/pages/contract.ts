import { z } from '@hono/zod-openapi';
import { pageErrors } from '../html/errors.ts';
import { FORM } from '../http/form.ts';
import { contract } from '../http/route.ts';
import type { Page } from './page.ts';

const tag = { name: 'Pages', description: 'Web pages for people. Links in mails lead to them.' };
const page = { access: 'public', tag, errors: pageErrors, isPage: true } as const;
const shown = { description: 'The page.', contentType: 'text/html' };
const text = z.string().optional();
const texts = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, text]));
/** `/reset-password` → `ResetPassword`. */
const nameOf = ({ path }: Page): string => path.replaceAll(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase());

/** Opens a page. Programs that rewrite links in mails may add parameters of any form, which never reach the form. */
export const showContract = (of: Page) =>
  contract({
    ...page,
    method: 'get',
    path: of.path,
    operationId: `show${nameOf(of)}Page`,
    summary: of.title,
    query: z.strictObject(texts(of.inUrl ?? [])),
    dropsOtherParameters: true,
    answers: { 200: shown },
  });

/** Sends the form of a page. `admit` checks who may do it. */
export const submitContract = (of: Page) =>
  contract({
    ...page,
    method: 'post',
    path: of.path,
    operationId: `submit${nameOf(of)}Page`,
    summary: `${of.title}: send the form`,
    body: { schema: z.strictObject(texts(of.fields)), types: [FORM] },
    answers: { 200: shown, 303: { description: 'The next page.', headers: ['Location'] } },
    problems: ['unauthorized', 'forbidden', 'not-found', 'last-owner', 'unavailable'],
  });

export const pageFile = contract({
  ...page,
  method: 'get',
  path: '/pages/{file}',
  operationId: 'pageFile',
  summary: 'A file of the pages',
  params: z.object({ file: z.string().regex(/^[\w.-]{1,64}$/) }),
  answers: { 200: { description: 'The file.', contentType: 'text/plain' } },
});

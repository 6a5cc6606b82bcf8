import type { Context } from '../context.ts';
import { documentOf, PAGE_HEADERS } from '../html/document.ts';
import { Rejected, sentence } from '../html/errors.ts';
import type { Html } from '../html/html.ts';
import { type Operation, operation } from '../http/route.ts';
import { requireOwnPage } from '../people/origin.ts';
import { absent, Problem, problems } from '../problem.ts';
import { admit } from './admit.ts';
import { codeScript } from './code-script.ts';
import { pageFile, showContract, submitContract } from './contract.ts';
import { Fields, type Values } from './form.ts';
import { pages } from './index.ts';
import type { Page } from './page.ts';
import { passkeysScript } from './passkeys-script.ts';
import { signInPage } from './sign-in.ts';
import { style } from './style.ts';

const FILES: Readonly<Record<string, { type: string; text: string }>> = {
  'style.css': { type: 'text/css; charset=utf-8', text: style },
  'code.js': { type: 'text/javascript; charset=utf-8', text: codeScript },
  'passkeys.js': { type: 'text/javascript; charset=utf-8', text: passkeysScript },
};

const shown = (title: string, content: Html, headers: Record<string, string> = {}) => ({
  status: 200 as const,
  headers: { ...PAGE_HEADERS, ...headers },
  raw: documentOf(title, content),
});

/** Makes the page that shows a rejected form again; for a person who must sign in first, the page for that. */
async function rejected(ctx: Context, page: Page, values: Values, request: Request, problem: Problem) {
  const { status, code, message, violations = [], headers } = problem;
  const isUnknown = code === 'unauthorized';
  const next = page.returnTo?.(values) ?? page.path;
  const isInFields = violations.some(({ path }) => page.fields.includes(path.slice(1)));
  const detail = isUnknown ? 'Sign in first.' : sentence(message || problems[code].title);
  const fields = new Fields(isUnknown ? { next, code: values.code } : values, {
    ...(!isInFields && { detail }),
    violations,
  });
  const shownAgain = isUnknown ? signInPage : page;
  const content = await shownAgain.content(ctx, fields, request);
  return new Rejected(status, headers, documentOf(shownAgain.title, content));
}

function operationsOf(page: Page): Operation[] {
  return [
    operation(showContract(page), async (ctx, { query }, request) =>
      shown(page.title, await page.content(ctx, new Fields(query as Values), request)),
    ),
    operation(submitContract(page), async (ctx, { body }, request) => {
      // A page of another site could sign a person in as somebody else, so this is required also without a session.
      requireOwnPage(request, ctx.services.settings);
      const values = body as Values;
      try {
        const outcome = await page.submit(await admit(ctx, request, page.access), values, request);
        const { headers, cookies = [] } = outcome;
        if ('content' in outcome) return { ...shown(outcome.title, outcome.content, headers), cookies };
        return { status: 303, headers: { ...PAGE_HEADERS, ...headers, location: outcome.location }, cookies };
      } catch (thrown) {
        if (thrown instanceof Problem && thrown.status < 500) throw await rejected(ctx, page, values, request, thrown);
        throw thrown;
      }
    }),
  ];
}

/** The web pages for people. */
export const pageRoutes = (): Operation[] => [
  ...pages.flatMap(operationsOf),
  operation(pageFile, async (_, { params }) => {
    const file = Object.hasOwn(FILES, params.file) ? FILES[params.file] : undefined;
    if (!file) throw absent('such file');
    const headers = {
      'content-type': file.type,
      'cache-control': 'public, max-age=3600',
      'x-content-type-options': 'nosniff',
    };
    return { status: 200, headers, raw: file.text };
  }),
];

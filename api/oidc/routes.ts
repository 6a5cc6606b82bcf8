import { type Operation, operation } from '../http/route.ts';
import { cookiesOf } from '../people/people.ts';
import { complete } from './complete.ts';
import { completeOidc, startOidc } from './contract.ts';
import { NO_ATTEMPT } from './cookie.ts';
import { returnPage } from './return-page.ts';
import { start } from './start.ts';

/** The operations that sign people in with a company's account. */
export const oidcRoutes = (): Operation[] => [
  operation(startOidc, async (ctx, { query }) => {
    const { url, cookie } = await start(ctx, query.returnTo ?? '/');
    return { status: 303, headers: { location: url, 'cache-control': 'no-store' }, cookies: [cookie] };
  }),
  operation(completeOidc, async (ctx, _, request) => {
    const { begun, returnTo } = await complete(ctx, new URL(request.url).search, request.headers);
    const { headers, html } = returnPage(returnTo);
    return { status: 200, headers, cookies: [...cookiesOf(ctx, begun), NO_ATTEMPT], raw: html };
  }),
];

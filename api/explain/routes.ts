import { type Operation, operation } from '../http/route.ts';
import { diffRevisions, explainRequest } from './contract.ts';
import { diff } from './diff.ts';
import { explain } from './explain.ts';
import { diffView, explanationView } from './view.ts';

/** The operations that explain a request and that compare two revisions. */
export const explainRoutes = (): Operation[] => [
  operation(explainRequest, async (ctx, { params, body }, { signal }) => ({
    status: 200,
    body: explanationView(await explain(ctx, { ...params, ...body, signal }), body),
  })),
  operation(diffRevisions, async (ctx, { params, query }, { signal }) => ({
    status: 200,
    body: diffView(await diff(ctx, { ...params, ...query, signal })),
  })),
];

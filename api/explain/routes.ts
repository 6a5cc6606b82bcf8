import { type Binding, bind } from '../http/route.ts';
import { explainRequest } from './contract.ts';
import { explain } from './explain.ts';
import { explanationView } from './view.ts';

export const explainRoutes = (): Binding[] => [
  bind(explainRequest, async (ctx, { params, body }, { signal }) => ({
    status: 200,
    body: explanationView(await explain(ctx, { ...params, ...body, signal }), body),
  })),
];

import { z } from '@hono/zod-openapi';
import { chargeNetworks } from '../charge-networks.ts';
import type { Context } from '../context.ts';
import { contract, type Operation, operation } from '../http/route.ts';
import { Problem } from '../problem.ts';
import { FixedBytes } from '../reply.ts';
import { docsPage } from './docs.ts';
import { openapiDocument } from './document.ts';

const tag = { name: 'Service', description: 'The API itself.' };
const Health = z.object({ status: z.enum(['ok']) }).meta({ id: 'Health' });

const healthz = contract({
  method: 'get',
  path: '/healthz',
  access: 'public',
  operationId: 'healthz',
  tag,
  summary: 'Whether the process is alive',
  answers: { 200: { description: 'The process is alive.', body: Health } },
});
const readyz = contract({
  method: 'get',
  path: '/readyz',
  access: 'public',
  operationId: 'readyz',
  tag,
  summary: 'Whether the API can serve: the database answers and accepts writes, and the process is not stopping',
  answers: { 200: { description: 'The API can serve requests.', body: Health } },
  problems: ['unavailable'],
});
const metrics = contract({
  method: 'get',
  path: '/metrics',
  access: 'public',
  operationId: 'metrics',
  tag,
  summary: 'The metrics of the API, for Prometheus',
  answers: { 200: { description: 'The metrics in the text format of Prometheus.', contentType: 'text/plain' } },
});
const openapi = contract({
  method: 'get',
  path: '/openapi.json',
  access: 'public',
  operationId: 'openapi',
  tag,
  summary: 'The OpenAPI document',
  answers: { 200: { description: 'The document, in OpenAPI 3.1.', body: z.record(z.string(), z.unknown()) } },
});
const docs = contract({
  method: 'get',
  path: '/docs',
  access: 'public',
  operationId: 'docs',
  tag,
  summary: 'The documentation page',
  answers: { 200: { description: 'The documentation page, in HTML.', contentType: 'text/html' } },
});
const docsAsset = contract({
  method: 'get',
  path: '/docs/{file}',
  access: 'public',
  operationId: 'docsAsset',
  tag,
  summary: 'A file of the documentation page',
  params: z.object({ file: z.string().regex(/^[\w.-]{1,64}$/) }),
  answers: { 200: { description: 'The file.', contentType: 'application/octet-stream' } },
});

/** The OpenAPI document. The first request creates it, because the routes do not change while the process runs. */
let rendered: FixedBytes | undefined;

/**
 * How many reads without a credential one network may send. `/healthz` and `/readyz`, which load balancers read, do not
 * count.
 */
const READS = { policy: 'anonymous-reads', perSecond: 50, burst: 500 };

const countRead = (ctx: Context): void => chargeNetworks(ctx, 'reads', READS);

/**
 * Makes the operations for health, metrics and documentation.
 *
 * @param all returns every operation of the API, including these; called at the first request for the document
 */
export const observeRoutes = (all: () => Operation[]): Operation[] => [
  operation(healthz, async () => ({ status: 200, body: { status: 'ok' as const } })),
  operation(readyz, async (ctx) => {
    if (ctx.services.feeds.closing.aborted) throw new Problem('unavailable', { detail: 'the process is stopping' });
    await ctx.store.ping().catch((cause: unknown) => {
      throw new Problem('unavailable', {
        detail: 'the database does not answer, or does not accept writes',
        headers: { 'retry-after': '1' },
        cause,
      });
    });
    return { status: 200, body: { status: 'ok' as const } };
  }),
  operation(metrics, async (ctx) => {
    countRead(ctx);
    return {
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      raw: await ctx.services.metrics.render(),
    };
  }),
  operation(openapi, async (ctx) => {
    countRead(ctx);
    return { status: 200, body: (rendered ??= new FixedBytes(JSON.stringify(openapiDocument(all())))) };
  }),
  operation(docs, async (ctx) => {
    countRead(ctx);
    return { status: 200, headers: docsPage.headers, raw: docsPage.html };
  }),
  operation(docsAsset, async (ctx, { params }) => {
    countRead(ctx);
    const found = ctx.services.asset?.(params.file as string);
    if (!found) throw new Problem('not-found');
    return {
      status: 200,
      headers: { 'content-type': found.type, 'cache-control': 'public, max-age=86400' },
      raw: found.body,
    };
  }),
];

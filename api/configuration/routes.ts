import { type InputOf, type Kind, kindIds } from '../../model/kinds/index.ts';
import type { Context } from '../context.ts';
import { etag } from '../http/etag.ts';
import { type Binding, bind } from '../http/route.ts';
import { listed } from '../problem.ts';
import { settled } from '../publishing/attempt.ts';
import { afterWrite } from '../status/answer.ts';
import { contractsOf } from './contract.ts';
import { list } from './list.ts';
import { patch } from './patch.ts';
import { put, type Written } from './put.ts';
import { read } from './read.ts';
import { remove } from './remove.ts';
import { keptView, resourceView, writtenView } from './view.ts';

export const configurationRoutes = (): Binding[] => kindIds.flatMap(routesOf);

function routesOf(kind: Kind): Binding[] {
  const contracts = contractsOf(kind);
  return [
    bind(contracts.list, async (ctx, { params, query }) => {
      const { items, next } = await list(ctx, { tenant: params.tenant, kind, ...query });
      return { status: 200, body: { items: items.map(resourceView), ...(next !== undefined && { next }) } };
    }),
    bind(contracts.read, async (ctx, { params, query }) => {
      const resource = await read(ctx, { ...params, kind, revision: query.revision });
      return { status: 200, headers: { etag: etag(resource.revision) }, body: keptView(resource) };
    }),
    bind(contracts.put, async (ctx, { params, body }, request) => {
      const written = await settled(ctx, params.tenant, (at) =>
        put(at, { ...params, kind, spec: body as InputOf<Kind> }),
      );
      return answer(ctx, request, params.tenant, written);
    }),
    bind(contracts.patch, async (ctx, { params, body }, request) => {
      const written = await settled(ctx, params.tenant, (at) => patch(at, { ...params, kind, merge: body }));
      const { status, ...rest } = await answer(ctx, request, params.tenant, written);
      return { status: status === 202 ? 202 : 200, ...rest };
    }),
    bind(contracts.remove, async (ctx, { params }, request) => {
      const { revision, ...rest } = await settled(ctx, params.tenant, (at) => remove(at, { ...params, kind }));
      const warnings = listed(rest.warnings);
      const { headers, state } = await afterWrite(ctx, request, params.tenant, revision);
      if (state === undefined && warnings.length === 0) return { status: 204, headers };
      return {
        status: state === undefined || state === 'live' ? 200 : 202,
        headers,
        body: { revision, ...(warnings.length > 0 && { warnings }) },
      };
    }),
  ];
}

async function answer(
  ctx: Context,
  request: Request,
  tenant: string,
  { resource, json, revision, created, warnings }: Written,
) {
  const { headers, state } = await afterWrite(ctx, request, tenant, revision);
  headers.etag = etag(resource.revision);
  const body = writtenView(resource, json ?? JSON.stringify(resource.spec), listed(warnings));
  if (state !== undefined && state !== 'live') return { status: 202 as const, headers, body };
  return state === undefined && created
    ? { status: 201 as const, headers, body }
    : { status: 200 as const, headers, body };
}

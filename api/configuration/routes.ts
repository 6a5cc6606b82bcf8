import { type Kind, kindIds } from '../../model/kinds/index.ts';
import type { Context } from '../context.ts';
import { type Operation, operation } from '../http/route.ts';
import { listed } from '../problem.ts';
import { requireSpec } from '../publishing/accept.ts';
import { settled } from '../publishing/attempt.ts';
import { afterWrite } from '../status/answer.ts';
import { contractsOf } from './contract.ts';
import { list } from './list.ts';
import { patch } from './patch.ts';
import { put } from './put.ts';
import { read } from './read.ts';
import { remove } from './remove.ts';
import { keptView, pageView, writtenView } from './view.ts';
import type { Written } from './write.ts';

/** The operations on resources of all kinds. */
export const configurationRoutes = (): Operation[] => kindIds.flatMap(routesOf);

/** The operations on resources of one kind. */
function routesOf(kind: Kind): Operation[] {
  const contracts = contractsOf(kind);
  return [
    operation(contracts.list, async (ctx, { params, query }) => {
      const page = await list(ctx, { tenant: params.tenant, kind, ...query });
      return { status: 200, body: pageView(page) };
    }),
    operation(contracts.read, async (ctx, { params, query }) => {
      const resource = await read(ctx, { ...params, kind, revision: query.revision });
      return { status: 200, headers: { etag: resource.etag }, body: keptView(resource) };
    }),
    operation(contracts.put, async (ctx, { params: { tenant, name }, query, body }, request) => {
      const read = requireSpec(kind, name, body);
      const written = await settled(ctx, { tenant, ...query }, (at) => put(at, { kind, name, read }));
      return query.dryRun ? preview(written) : answer(ctx, request, tenant, written);
    }),
    operation(contracts.patch, async (ctx, { params, query, body }, request) => {
      const { tenant } = params;
      const written = await settled(ctx, { tenant, ...query }, (at) => patch(at, { ...params, kind, merge: body }));
      if (query.dryRun) return preview(written);
      const { status, ...rest } = await answer(ctx, request, tenant, written);
      return { status: status === 202 ? 202 : 200, ...rest };
    }),
    operation(contracts.remove, async (ctx, { params, query }, request) => {
      const { tenant } = params;
      const { revision, ...rest } = await settled(ctx, { tenant, ...query }, (at) => remove(at, { ...params, kind }));
      const warnings = listed(rest.warnings);
      if (query.dryRun) return { status: 200, body: { revision, dryRun: true, warnings } };
      const { headers, state } = await afterWrite(ctx, request, tenant, revision);
      if (state === undefined && warnings.length === 0) return { status: 204, headers };
      return {
        status: state === undefined || state === 'live' ? 200 : 202,
        headers,
        body: { revision, dryRun: false, ...(warnings.length > 0 && { warnings }) },
      };
    }),
  ];
}

/** Makes the response to a dry run. It has no ETag, because the store does not have this version of the resource. */
const preview = (written: Written) => ({ status: 200 as const, body: bodyOf(written, { dryRun: true }) });

/** Makes the body of the response to a write: the resource and its warnings. */
const bodyOf = ({ resource, json, warnings }: Written, { dryRun }: { dryRun: boolean }) =>
  writtenView(resource, json ?? JSON.stringify(resource.spec), { dryRun, warnings: listed(warnings) });

/** Makes the response to a write. With `Prefer: wait`, it first waits for the revision. */
async function answer(ctx: Context, request: Request, tenant: string, written: Written) {
  const { headers, state } = await afterWrite(ctx, request, tenant, written.revision);
  headers.etag = written.etag;
  const body = bodyOf(written, { dryRun: false });
  if (state !== undefined && state !== 'live') return { status: 202 as const, headers, body };
  return state === undefined && written.created
    ? { status: 201 as const, headers, body }
    : { status: 200 as const, headers, body };
}

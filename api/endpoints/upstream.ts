import type { Upstream } from '../../model/kinds/upstream.ts';
import { read } from '../configuration/read.ts';
import type { Context } from '../context.ts';

/**
 * Reads an upstream of the head.
 *
 * @throws Problem `not-found` when there is no such upstream
 */
export const readUpstream = async (ctx: Context, tenant: string, name: string): Promise<Upstream> =>
  JSON.parse((await read(ctx, { tenant, kind: 'upstream', name })).spec) as Upstream;

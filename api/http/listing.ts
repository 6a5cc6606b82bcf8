import { z } from '@hono/zod-openapi';
import { pageQuery } from './paging.ts';
import { type ContractSpec, contract } from './route.ts';

type Answers<L extends z.ZodType> = { 200: { description: string; body: L } };

interface Listing<P extends z.ZodObject, F extends z.ZodRawShape, L extends z.ZodType>
  extends Omit<ContractSpec<P, z.ZodObject, z.ZodType, Answers<L>>, 'method' | 'query' | 'body' | 'answers'> {
  /** The schema of one page. */
  list: L;
  /** The order of the items. Absent when clients need not know it. */
  sortedBy?: string;
  /** The parameters that choose items. */
  filters?: F;
}

/** Declares an operation that reads one page of a list. */
export function listing<
  L extends z.ZodType,
  P extends z.ZodObject = z.ZodObject,
  F extends z.ZodRawShape = Record<never, z.ZodType>,
>({ list, sortedBy, filters, ...spec }: Listing<P, F, L>) {
  const order = sortedBy === undefined ? '' : `, sorted by ${sortedBy}`;
  return contract({
    ...spec,
    method: 'get',
    query: z.strictObject({ ...pageQuery, ...(filters as F) }),
    answers: { 200: { description: `One page of the list${order}.`, body: list } },
  });
}

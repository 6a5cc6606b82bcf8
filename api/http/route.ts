import { createRoute, type RouteConfig, z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import { type Access, needsReason } from '../access/matrix.ts';
import type { Context } from '../context.ts';
import { type ProblemCode, problemResponse, problems } from '../problem.ts';
import type { FixedBytes, Json, JsonBytes, RawBody, Reply } from '../reply.ts';
import type { BodySize } from './body.ts';
import { type HeaderName, type ParameterName, parameterRef, problemRef, responseHeaders } from './components.ts';
import type { ResponseSize } from './room.ts';

/** A tag of the OpenAPI document: a group of operations on the documentation page. */
export interface Tag {
  name: string;
  /** One sentence. Contracts with the same tag have the same description. */
  description: string;
}

/** One of the successful responses of a route. */
export interface Answer {
  description: string;
  body?: z.ZodType;
  headers?: readonly HeaderName[];
  /** The media type of a response that is not JSON. */
  contentType?: string;
}

/** How a route answers with errors. */
export interface ErrorFormat {
  respond(thrown: unknown, requestId: string, c: HonoContext): Response;
  /** Makes the responses in the OpenAPI document, from the statuses of the problems of the route. */
  documented(statuses: readonly number[]): RouteConfig['responses'];
}

/** Problem documents (RFC 9457). */
export const problemFormat: ErrorFormat = {
  respond: problemResponse,
  documented: (statuses) =>
    Object.fromEntries(statuses.map((status) => [status, problemRef(status)])) as RouteConfig['responses'],
};

export interface ContractSpec<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends Record<number, Answer>,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** The path with parameters as in OpenAPI, such as `/v1/tenants/{tenant}`. */
  path: string;
  access: Access;
  operationId: string;
  tag: Tag;
  summary: string;
  description?: string;
  params?: P;
  query?: Q;
  /** Whether query parameters that `query` does not name are dropped unread. By default, they are rejected. */
  dropsOtherParameters?: true;
  body?: {
    /** The schema checked before the verb runs. */
    schema: B;
    /** The schema in the OpenAPI document, when the verb itself checks the parts of a large body. */
    documented?: z.ZodType;
    types?: readonly string[];
    description?: string;
    /** The size class of the body. Default: `small`. */
    size?: BodySize;
    /** The number of containers around one resource of a bulk body. Default: 2, as in `{"routes":{"web":{}}}`. */
    partDepth?: number;
  };
  /** The request headers that the route reads, in addition to the credential. */
  headers?: readonly ParameterName[];
  answers: A;
  /** The size class of the response, for routes with a parameter `tenant` whose responses may be large. */
  response?: ResponseSize;
  /** The units that a request counts against the rate of its tenant. Default: see `costOf`. */
  cost?: number;
  /** The units that a body costs in addition, once it is read. Later requests wait for them. Default: none. */
  extraCost?(body: z.output<B>): number;
  /** The problems of this route, in addition to those that every route may return. */
  problems?: readonly ProblemCode[];
  /** The format of errors. Default: problem documents. */
  errors?: ErrorFormat;
  /** Whether people see the response in a browser. The OpenAPI document lists only what programs call. */
  isPage?: true;
}

export type Contract<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
  A extends Record<number, Answer> = Record<number, Answer>,
> = ContractSpec<P, Q, B, A> & {
  openapi: RouteConfig;
};

/** The type of a verb's reply: TypeScript checks status and body against the contract. */
export type ReplyOf<A extends Record<number, Answer>> = {
  [S in keyof A & number]: {
    status: S;
    headers?: Record<string, string>;
    cookies?: readonly string[];
  } & (A[S]['body'] extends z.ZodType
    ? { body: z.output<A[S]['body']> | Json | JsonBytes | FixedBytes }
    : { raw?: RawBody });
}[keyof A & number];

export interface InputOf<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
}

type AnyInput = InputOf<z.ZodObject, z.ZodObject, z.ZodType>;

export interface Operation {
  contract: Contract;
  handle: (ctx: Context, input: AnyInput, request: Request) => Promise<Reply>;
  /**
   * Runs on every reply of `handle`, including replies repeated for an `Idempotency-Key`. It waits for the revision of
   * the reply.
   */
  finish?: Finish;
}
export type Finish = (ctx: Context, input: AnyInput, request: Request, reply: Reply) => Promise<Reply>;

/** Declares a route: its OpenAPI operation (createRoute), and the checks of the HTTP layer before the verb runs. */
export function contract<
  const A extends Record<number, Answer>,
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
>(spec: ContractSpec<P, Q, B, A>): Contract<P, Q, B, A> {
  return {
    ...spec,
    openapi: createRoute(
      openapiOf(
        conditional(spec) as unknown as ContractSpec<z.ZodObject, z.ZodObject, z.ZodType, Record<number, Answer>>,
      ),
    ) as RouteConfig,
  };
}

/** Combines a verb with its contract. */
export function operation<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends Record<number, Answer>,
  const R extends ReplyOf<A>,
>(
  route: Contract<P, Q, B, A>,
  handle: (ctx: Context, input: NoInfer<InputOf<P, Q, B>>, request: Request) => Promise<R>,
  finish?: Finish,
): Operation {
  // The list of operations is heterogeneous. This signature has checked the verb against its contract.
  return { contract: route, handle, ...(finish && { finish }) } as unknown as Operation;
}

/**
 * Returns the units that a request counts against the rate of its tenant. By default, the write of many resources
 * counts as 10, a large response as 5, and every other request as 1.
 */
export function costOf({ cost, body, response }: Pick<Contract, 'cost' | 'body' | 'response'>): number {
  if (cost !== undefined) return cost;
  if (body?.size === 'bulk') return 10;
  return response === 'bulk' ? 5 : 1;
}

/** Returns the format in which a route answers with errors. */
export const errorsOf = ({ errors = problemFormat }: Pick<Contract, 'errors'>): ErrorFormat => errors;

/** Adds the response 304 to every read with an ETag. The pipeline implements it for all reads. */
function conditional<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends Record<number, Answer>,
>(spec: ContractSpec<P, Q, B, A>): ContractSpec<P, Q, B, Record<number, Answer>> {
  const read: Answer | undefined = spec.answers[200];
  if (spec.method !== 'get' || !read?.headers?.includes('ETag')) return spec;
  const unchanged = {
    description: 'The resource still has a version that If-None-Match lists.',
    headers: read.headers,
  };
  return {
    ...spec,
    headers: [...(spec.headers ?? []), 'If-None-Match'],
    answers: { ...spec.answers, 304: unchanged },
  };
}

function openapiOf(spec: ContractSpec<z.ZodObject, z.ZodObject, z.ZodType, Record<number, Answer>>): RouteConfig {
  const body = spec.body;
  const types = body?.types ?? ['application/json'];
  const headers = [...(spec.headers ?? []), ...(needsReason(spec.access) ? (['Gatehouse-Reason'] as const) : [])];
  return {
    method: spec.method,
    path: spec.path,
    operationId: spec.operationId,
    tags: [spec.tag.name],
    summary: spec.summary,
    ...(spec.description && { description: spec.description }),
    security: spec.access === 'public' ? [] : [{ bearer: [] }],
    'x-access': spec.access,
    ...(costOf(spec) > 1 && { 'x-cost': costOf(spec) }),
    ...(headers.length > 0 && { parameters: headers.map(parameterRef) }),
    request: {
      ...(spec.params && { params: spec.params }),
      ...(spec.query && { query: spec.query }),
      ...(body && {
        body: {
          required: true,
          ...(body.description && { description: body.description }),
          content: Object.fromEntries(types.map((type) => [type, { schema: body.documented ?? body.schema }])),
        },
      }),
    },
    responses: { ...answersOf(spec.answers), ...problemsOf(spec) },
  } as RouteConfig;
}

function answersOf(answers: Record<number, Answer>): RouteConfig['responses'] {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [
      status,
      {
        description: answer.description,
        headers: responseHeaders(answer.headers ?? []),
        ...((answer.body || answer.contentType) && {
          content: { [answer.contentType ?? 'application/json']: { schema: answer.body ?? z.string() } },
        }),
      },
    ]),
  );
}

function problemsOf(
  spec: ContractSpec<z.ZodObject, z.ZodObject, z.ZodType, Record<number, Answer>>,
): RouteConfig['responses'] {
  const codes: ProblemCode[] = [
    'malformed-request',
    'request-timeout',
    'invalid-request',
    'too-many-requests',
    'headers-too-large',
    'internal',
    ...(spec.problems ?? []),
  ];
  if (spec.access !== 'public') codes.push('unauthorized', 'forbidden', 'unavailable');
  if (spec.params) codes.push('not-found');
  if (spec.body) codes.push('malformed-json', 'payload-too-large', 'unsupported-media-type');
  if (spec.headers?.includes('If-Match')) codes.push('precondition-failed');
  if (spec.headers?.includes('Idempotency-Key')) codes.push('idempotency-conflict');
  const statuses = [...new Set(codes.map((code) => problems[code].status))].sort();
  return errorsOf(spec).documented(statuses);
}

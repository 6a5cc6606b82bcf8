import { z } from '@hono/zod-openapi';
import { type Kind, kindIds } from '../model/kinds/index.ts';
import { MAX_LISTED, subjectOf, violationsOf } from '../model/violations.ts';
import { TooLarge, Unavailable } from './store/driver.ts';
import { lacksReference } from './store/violation.ts';

/** Every error of the API, with its status and its title. The codes are part of the contract. */
export const problems = {
  'malformed-json': { status: 400, title: 'The body is not valid JSON' },
  'malformed-request': { status: 400, title: 'Malformed request' },
  unauthorized: { status: 401, title: 'Unauthorized: a valid token is required' },
  'sign-in-failed': { status: 401, title: 'The sign-in failed' },
  'wrong-credentials': { status: 401, title: 'The address or the password is wrong' },
  'proof-required': { status: 403, title: 'A proof that it is you is required' },
  forbidden: { status: 403, title: 'Forbidden' },
  'tenant-suspended': { status: 403, title: 'The tenant is suspended or deleted' },
  'agent-stopped': { status: 403, title: 'The agent was stopped: it must enrol again' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-acceptable': { status: 406, title: 'Not acceptable' },
  'request-timeout': { status: 408, title: 'Request timeout' },
  'already-member': { status: 409, title: 'The person is a member already' },
  'last-owner': { status: 409, title: 'The tenant would have no owner' },
  'name-taken': { status: 409, title: 'The name is already in use' },
  'still-referenced': { status: 409, title: 'Other resources still refer to it' },
  'host-taken': { status: 409, title: 'A host belongs to another tenant' },
  'reserved-host': { status: 409, title: 'A host belongs to the platform' },
  'domain-not-proven': { status: 409, title: 'A domain is not proven' },
  'domain-taken': { status: 409, title: 'A domain belongs to others' },
  'port-taken': { status: 409, title: 'A port belongs to another tenant' },
  'too-many-tenants': { status: 409, title: 'The person owns too many tenants' },
  'no-platform-domain': { status: 409, title: 'The platform has no domain for tenants' },
  'dns-upstream': { status: 409, title: 'The upstream has dns: logical' },
  'fleet-in-use': { status: 409, title: 'The change would leave resources of tenants unserved' },
  'too-many': { status: 409, title: 'The limit is reached' },
  'plan-in-use': { status: 409, title: 'Tenants have the plan' },
  'idempotency-conflict': { status: 409, title: 'A request with this Idempotency-Key is still running' },
  'revision-pruned': { status: 410, title: 'The revision is no longer kept' },
  'precondition-failed': { status: 412, title: 'Precondition failed' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'invalid-request': { status: 422, title: 'Invalid request' },
  'invalid-code': { status: 422, title: 'The code is not valid' },
  'invalid-passkey': { status: 422, title: 'The answer of the passkey is not valid' },
  'invalid-configuration': { status: 422, title: 'Invalid configuration' },
  'invalid-certificate': { status: 422, title: 'Invalid certificate' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used for another request' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The request line and headers are too large' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Unavailable' },
} as const;

export type ProblemCode = keyof typeof problems;

export const ProblemViolation = z
  .object({
    tenant: z
      .string()
      .optional()
      .meta({ description: 'The tenant that owns the resource, when an operator asks about all tenants.' }),
    resource: z.string().optional().meta({ description: 'The resource with the error, such as `routes/reviews`.' }),
    kind: z
      .enum(kindIds as [Kind, ...Kind[]])
      .optional()
      .meta({ description: "That resource's kind, as in `puts[].kind`." }),
    name: z.string().optional().meta({ description: "That resource's name." }),
    path: z.string().meta({ description: "JSON pointer inside that resource's spec, or inside the parameters." }),
    pointer: z
      .string()
      .optional()
      .meta({ description: 'JSON pointer into the request body, when the error is in the body.' }),
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'ProblemViolation' });
export type ProblemViolation = z.infer<typeof ProblemViolation>;

/** The body of an error (RFC 9457), with a typed `code` and the id of the request. */
export const ProblemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string().optional(),
    requestId: z.string(),
    violations: z.array(ProblemViolation).max(MAX_LISTED).optional(),
    moreViolations: z
      .int()
      .optional()
      .meta({ description: `Number of violations beyond the first ${MAX_LISTED}, which are listed.` }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });

/** Returns the first hundred violations. */
export const listed = (violations: readonly ProblemViolation[]): ProblemViolation[] =>
  violations.slice(0, MAX_LISTED).map((violation) => {
    const { resource, ...rest } = violation;
    return resource === undefined ? violation : { resource, ...subjectOf(resource), ...rest };
  });

interface ProblemOptions {
  detail?: string;
  violations?: ProblemViolation[];
  /** The number of violations that are not listed. */
  more?: number;
  headers?: Record<string, string>;
  cause?: unknown;
}

/** An error that the caller sees. `detail` and `violations` are public; `cause` is only logged. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly violations: ProblemViolation[] | undefined;
  readonly more: number;
  readonly headers: Record<string, string>;

  constructor(code: ProblemCode, { detail, violations = [], more = 0, headers, cause }: ProblemOptions = {}) {
    super(detail ?? '', { cause });
    this.code = code;
    this.violations = violations.length > 0 ? listed(violations) : undefined;
    this.more = more + Math.max(0, violations.length - MAX_LISTED);
    this.headers = headers ?? {};
  }

  get status(): number {
    return problems[this.code].status;
  }
}

/** The problem that ends work for which nobody waits any more. */
export const clientGone = (): Problem => new Problem('request-timeout', { detail: 'the client closed the connection' });

/**
 * Makes the problem for an object that does not exist.
 *
 * @param what the object, such as `tenant acme`
 */
export const absent = (what: string): Problem => new Problem('not-found', { detail: `there is no ${what}` });

/**
 * Converts an error to a problem. An unavailable database becomes a 503, a value that is too large for the database a
 * 413, and a reference to a row that was removed a 404. Every other error becomes a 500 that says nothing.
 */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof Unavailable) return new Problem('unavailable', { headers: { 'retry-after': '1' } });
  if (thrown instanceof TooLarge) return new Problem('payload-too-large', { detail: thrown.message });
  // The tenant, or what the request is about, was removed while the request ran.
  if (lacksReference(thrown)) return new Problem('not-found', { detail: 'the object was removed meanwhile' });
  return new Problem('internal');
}

/**
 * Converts an error to a response. A Problem determines its own status. An unknown error becomes a 500 that contains
 * only the request id.
 */
export function problemResponse(thrown: unknown, requestId: string): Response {
  const problem = asProblem(thrown);
  const { status, title } = problems[problem.code];
  const body = {
    type: `urn:gatehouse:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    ...(problem.message && { detail: problem.message }),
    requestId,
    ...(problem.violations && { violations: problem.violations }),
    ...(problem.more > 0 && { moreViolations: problem.more }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
      'cache-control': 'no-store',
      ...problem.headers,
    },
  });
}

/**
 * Makes the violations for a part of a request that does not match its schema.
 *
 * @param body whether the part is the body; each path is then also a pointer into the body
 */
export function shapeViolations(
  schema: z.ZodType,
  value: unknown,
  error: z.ZodError,
  body: boolean,
): ProblemViolation[] {
  return violationsOf('', schema, value, error.issues).map(({ resource: _, ...violation }) => ({
    ...violation,
    ...(body && { pointer: violation.path }),
  }));
}

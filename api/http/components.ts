import type { OpenAPIHono } from '@hono/zod-openapi';
import { ProblemDocument, problems } from '../problem.ts';

/** Request headers, as named components of the OpenAPI document. */
const parameters = {
  'If-Match': {
    component: 'IfMatch',
    description: 'Only if it is still this version (ETag), or `*`: only if it exists.',
    schema: { type: 'string' },
  },
  'If-None-Match': {
    component: 'IfNoneMatch',
    description: 'On a write `*`: only if it does not exist. On a read an ETag: 304 when it is still that.',
    schema: { type: 'string' },
  },
  Prefer: {
    component: 'Prefer',
    description:
      '`wait=SECONDS` (RFC 7240): answer once the revision is live on every connected node, or 202 when that takes longer. At most 60.',
    schema: { type: 'string' },
  },
  'Idempotency-Key': {
    component: 'IdempotencyKey',
    description:
      'The same key with the same request (path, query, body, If-Match, If-None-Match, Prefer) answers what the first one did, for 24 hours, also after a crash. With `Prefer: wait` it waits again.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  },
} as const;
export type ParameterName = keyof typeof parameters;

const headers = {
  ETag: { component: 'ETag', description: 'Version of the resource in the response.' },
  'Gatehouse-Revision': { component: 'GatehouseRevision', description: "The tenant's revision that contains it." },
  'Gatehouse-Status': {
    component: 'GatehouseStatus',
    description: 'State of the revision when it was waited for: `live`, `acked`, `pending`, `rejected` or `unserved`.',
  },
  'Preference-Applied': { component: 'PreferenceApplied', description: 'The preference that was honoured.' },
  Link: { component: 'Link', description: '`rel="status"`: where to follow the revision.' },
  Location: { component: 'Location', description: 'URL of the new resource.' },
} as const;
export type HeaderName = keyof typeof headers;

export const parameterRef = (name: ParameterName) => ({
  $ref: `#/components/parameters/${parameters[name].component}`,
});

export const responseHeaders = (names: readonly HeaderName[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${headers[name].component}` }]));

export const problemRef = (status: number) => ({ $ref: `#/components/responses/Problem${status}` });

/** Registers the components to which contracts refer. */
export function registerComponents({ openAPIRegistry: registry }: OpenAPIHono): void {
  registry.register('Problem', ProblemDocument);
  for (const [name, { component, ...rest }] of Object.entries(parameters))
    registry.registerComponent('parameters', component, { name, in: 'header', ...rest });
  for (const { component, description } of Object.values(headers))
    registry.registerComponent('headers', component, { description, schema: { type: 'string' } });
  // Only methods that this document lacks get a 405, so no operation refers to this component.
  const statuses = new Set<number>(Object.values(problems).map((problem) => problem.status));
  statuses.delete(405);
  for (const status of statuses)
    registry.registerComponent('responses', `Problem${status}`, {
      description: Object.entries(problems)
        .filter(([, problem]) => problem.status === status)
        .map(([code, { title }]) => `\`${code}\`: ${title}`)
        .join('. '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An opaque token, `gh_…`.',
  });
}

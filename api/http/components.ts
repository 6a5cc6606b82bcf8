import type { OpenAPIHono } from '@hono/zod-openapi';
import { ProblemDocument, problems } from '../problem.ts';

/** Request headers, as named components of the OpenAPI document. */
const parameters = {
  'If-Match': {
    component: 'IfMatch',
    description: 'Change the resource only if it still has this version (ETag). With `*`, change it only if it exists.',
    schema: { type: 'string' },
  },
  'If-None-Match': {
    component: 'IfNoneMatch',
    description:
      'On a write, `*`: only if the resource does not exist. On a read, an ETag: 304 if the resource still has this version.',
    schema: { type: 'string' },
  },
  Prefer: {
    component: 'Prefer',
    description:
      '`wait=SECONDS` (RFC 7240): respond once the revision is live on every connected node, or with 202 if that takes longer. At most 60; a `wait` that is no number of seconds is rejected with 422, and other preferences are ignored. If 200 requests of the tenant already wait, the response is 429 with `Retry-After`, and nothing is changed.',
    schema: { type: 'string' },
  },
  'Idempotency-Key': {
    component: 'IdempotencyKey',
    description:
      'For 24 hours, a request with the same key (and the same path, query, body, If-Match, If-None-Match and Prefer) gets the response of the first one, also after a crash. With `Prefer: wait` it waits again.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  },
  'Gatehouse-Reason': {
    component: 'Reason',
    description:
      'Why support reads this: 8 to 200 ASCII characters. Required for the role `support`, and stored in the audit log; ignored for others.',
    // Others may send anything, so the schema allows any text.
    schema: { type: 'string' },
  },
} as const;
export type ParameterName = keyof typeof parameters;

const headers = {
  ETag: {
    component: 'ETag',
    description:
      'Version of the resource in the response; opaque. A resource that is created again has other versions.',
  },
  'Gatehouse-Revision': {
    component: 'GatehouseRevision',
    description: 'The revision of the tenant that the response shows, or that contains the change.',
  },
  'Gatehouse-Status': {
    component: 'GatehouseStatus',
    description: 'State of the revision at the end of the wait: `live`, `acked`, `pending`, `rejected` or `unserved`.',
  },
  'Preference-Applied': { component: 'PreferenceApplied', description: 'The preference that was honoured.' },
  Link: { component: 'Link', description: '`rel="status"`: the URL of the status of the revision.' },
  'Gatehouse-Report': {
    component: 'GatehouseReport',
    description: 'The optional members of a report that the API accepts. An agent sends no others.',
  },
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
  // A 405 is the response to a method that the document does not contain, so no operation refers to this component.
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

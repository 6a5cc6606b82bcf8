import { expect } from 'vitest';
import { operations } from '../../api/app.ts';
import { OAuthErrorBody, oauthErrors } from '../../api/http/oauth-errors.ts';
import { ProblemDocument, problems } from '../../api/problem.ts';
import type { Store } from '../../api/store/store.ts';
import { elsewhere, serve } from './engine.ts';

export const OPERATOR = 'gh_operator_for_the_tests_only';

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are checked against the contract on arrival
  body: any;
}

export interface Call {
  token?: string | null;
  headers?: Record<string, string>;
  /** Sent as it is, instead of JSON. */
  raw?: string;
  /** What happens on a redirect. Default: `follow`. */
  redirect?: 'follow' | 'manual';
}

const routes = operations().map(({ contract }) => ({
  contract,
  pattern: new RegExp(`^${contract.path.replace(/\{\w+\}/g, '[^/]+')}$`),
}));

const operationOf = (method: string, path: string) =>
  routes.find(({ contract, pattern }) => contract.method.toUpperCase() === method && pattern.test(path.split('?')[0]!));

/** A real server on a real database; everything it answered and logged is kept, to be searched for secrets. */
export async function harness(settings: Record<string, string> = {}) {
  const api = await serve({
    ...{ GATEHOUSE_OPERATOR_TOKEN: OPERATOR, GATEHOUSE_DOMAIN_PROOF: 'optional', GATEHOUSE_DELETION_GRACE_DAYS: '0' },
    ...settings,
  });
  const answered: string[] = [];

  async function call(
    method: string,
    path: string,
    body?: unknown,
    { token = OPERATOR, headers, raw, redirect }: Call = {},
  ) {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(api.url + path, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(payload !== undefined && { 'content-type': type }),
        ...headers,
      },
      ...(payload !== undefined && { body: payload }),
      ...(redirect && { redirect }),
    });
    const text = await response.text();
    answered.push(text, JSON.stringify([...response.headers]));
    const json = /[/+]json/.test(response.headers.get('content-type') ?? '');
    const answer: Answer = { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
    // The documentation's files are static assets on Workers: the platform answers, not the API.
    if (!(elsewhere && response.ok && path.startsWith('/docs/'))) conforms(method, path, answer);
    if (!elsewhere && method !== 'GET') await isAudited(api.store, method, path, answer, headers);
    return answer;
  }

  return {
    ...api,
    call,
    said: () => [...answered, ...api.logged()],
    get: (path: string, options?: Call) => call('GET', path, undefined, options),
    put: (path: string, body: unknown, options?: Call) => call('PUT', path, body, options),
    post: (path: string, body: unknown, options?: Call) => call('POST', path, body, options),
    patch: (path: string, body: unknown, options?: Call) => call('PATCH', path, body, options),
    remove: (path: string, options?: Call) => call('DELETE', path, undefined, options),
  };
}

export type Harness = Awaited<ReturnType<typeof harness>>;

/** Every answer is one its contract declares, and its body has that very shape: nothing missing, nothing more. */
function conforms(method: string, path: string, { status, headers, body }: Answer): void {
  expect(headers.get('x-request-id')).toBeTruthy();
  const route = operationOf(method, path);
  const errors = route?.contract.errors;
  if (status >= 400 && errors === oauthErrors) expect(OAuthErrorBody.parse(body)).toEqual(body);
  if (status >= 400 && errors === undefined) {
    const problem = ProblemDocument.parse(body);
    expect(problem).toEqual(body);
    expect(problems[problem.code].status).toBe(status);
    expect(headers.get('content-type')).toBe('application/problem+json');
  }
  if (!route) return;
  const declared = Object.keys(route.contract.openapi.responses).map(Number);
  expect(declared, `${method} ${route.contract.path} answered ${status}`).toContain(status);
  const schema = route.contract.answers[status]?.body;
  if (schema) expect(schema.parse(body)).toEqual(body);
}

/** The writes that leave no entry: what agents report continuously, and questions in the form of a POST. */
const UNAUDITED = ['reportStatus', 'reportEndpointHealth', 'explainRequest'];
/** More entries than requests at the same time leave. */
const RECENT = 300;

/** Every write that succeeds leaves exactly one entry in the audit log, unless it changed nothing. */
async function isAudited(
  store: Store,
  method: string,
  path: string,
  { status, headers }: Answer,
  sent: Record<string, string> = {},
): Promise<void> {
  const id = headers.get('x-request-id');
  const { contract } = operationOf(method, path) ?? {};
  // Tests may repeat the id of a request, or a whole request.
  if (!contract || sent['x-request-id'] || UNAUDITED.includes(contract.operationId)) return;
  const { entries } = await store.audit.read(undefined, {}, { order: 'newest' }, RECENT);
  const own = entries.filter(({ requestId }) => requestId === id);
  const isMade = (status === 201 || status === 204) && !sent['idempotency-key'];
  const what = `${method} ${path} left: ${own.map(({ action, target }) => `${action} ${target}`).join(', ')}`;
  // An agent whose disk was copied is stopped, and refused.
  if (status >= 400) expect(contract.operationId === 'renewAgent' ? [] : own, what).toEqual([]);
  // A person who deletes the account also leaves an entry in each tenant.
  else if (contract.operationId === 'deleteAccount') expect(own.map(({ action }) => action)).toContain('delete');
  else if (isMade) expect(own, what).toHaveLength(1);
  else expect(own.length, what).toBeLessThanOrEqual(1);
}

export const SHARED_FLEET = {
  name: 'public',
  labels: { ingress: 'public' },
  ports: [
    { number: 80, bind: 10080, protocol: 'HTTP' },
    { number: 443, bind: 10443, protocol: 'HTTPS' },
  ],
};

export const upstream = (address = '10.0.0.1') => ({ port: 9080, endpoints: [{ address }] });

export const gateway = (...hosts: string[]) => ({
  selector: { ingress: 'public' },
  servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts }],
});

export const route = (host: string, timeout = '5s') => ({
  hosts: [host],
  gateways: ['edge'],
  http: [{ route: [{ destination: { upstream: 'web' } }], timeout }],
});

/** A tenant with one gateway, upstream and route, for `<tenant>.example.com`, at revision 1. */
export async function tenantWithRoute({ post, put }: Harness, name: string, host = `${name}.example.com`) {
  expect((await post('/v1/tenants', { name })).status).toBe(201);
  const applied = await put(`/v1/tenants/${name}/configuration`, {
    gateways: { edge: gateway(host) },
    upstreams: { web: upstream() },
    routes: { web: route(host) },
  });
  expect(applied.status).toBe(201);
}

export async function tokenFor({ post }: Harness, path: string, body: object = {}): Promise<string> {
  const created = await post(`${path}/tokens`, body);
  expect(created.status).toBe(201);
  return created.body.token;
}

/** Sends the requests of an example and compares what they get. */
import type { IncomingHttpHeaders } from 'node:http';
import { expect } from 'vitest';
import type { Http3Client } from '../../envoy/http3/client.ts';
import { until } from '../process.ts';
import type { Stack } from '../stack.ts';
import { call, echoed, open, type Reply, send } from './clients.ts';
import type { Endpoints } from './endpoints.ts';
import { readExample, type Step, urlOf } from './example.ts';

export interface Running {
  stack: Stack;
  endpoints: Endpoints;
  /** The ports that Envoy opens, by the port that clients use. */
  binds: ReadonlyMap<number, number>;
  /** The port of the sidecar's Envoy, if there is one. */
  sidecar?: number;
  /** Undefined: requests over HTTP/3 are skipped. */
  http3?: Http3Client | undefined;
}

/** Publishes an example as the configuration of a tenant, and runs its requests in their order. */
export async function runExample(file: string, tenant: string, running: Running): Promise<void> {
  const { stack, endpoints } = running;
  const { configuration, requests } = readExample(file, endpoints);
  await stack.publish(tenant, 'configuration', configuration);
  const upstreams = Object.entries(configuration.upstreams ?? {}) as [string, { port: number }][];
  const nameOf = (port: number) => upstreams.find(([, each]) => each.port === endpoints.portOf(port))?.[0];
  for (const step of requests) {
    if (step.status) expect(await statusOf(stack, tenant)).toMatchObject(step.status);
    else if (step.endpointHealth)
      await until('the states of the endpoints', async () => {
        const { body } = await stack.call(`/tenants/${tenant}/upstreams/${step.endpointHealth}/health`);
        const states = body.items.map(({ state }: { state: string }) => state);
        return states.sort().join() === step.states!.join();
      });
    else await request(step, running, nameOf);
  }
}

async function statusOf(stack: Stack, tenant: string) {
  const { revision } = (await stack.call(`/tenants/${tenant}`)).body;
  return (await stack.call(`/tenants/${tenant}/revisions/${revision}/status`)).body;
}

async function request(step: Step, running: Running, nameOf: (port: number) => string | undefined): Promise<void> {
  const { endpoints, http3 } = running;
  if (step.http3 && !http3) return;
  const url = urlOf(step);
  const answers = new Set<string>();
  const by = new Set<number>();
  let cookie = step.headers?.cookie;
  for (const { received } of endpoints.http.values()) received.length = 0;
  for (let n = 0; n < (step.times ?? 1); n++) {
    const other = await otherAnswer(step, url, running);
    if (other !== undefined) {
      answers.add(other);
      continue;
    }
    const reply = await replyTo(step, url, running, cookie);
    if (!reply) {
      answers.add('refused');
      continue;
    }
    if (step.keepsCookies) cookie ??= reply.headers['set-cookie']?.[0]?.split(';')[0];
    const seen = reply.body.startsWith('{') ? (JSON.parse(reply.body) as { port: number; path: string }) : undefined;
    if (seen) by.add(seen.port);
    const what = seen ? ` ${nameOf(seen.port)} ${seen.path}` : reply.headers.location && ` ${reply.headers.location}`;
    answers.add(`${reply.status}${what ?? ''}`);
    if (step.responseHeaders) expectHeaders(reply.headers, step.responseHeaders);
  }
  if (step.answers) expect([...answers].sort(), url.href).toEqual([...step.answers].sort());
  if (step.endpoints !== undefined) expect(by.size).toBe(step.endpoints);
  const all = () =>
    [...endpoints.http].flatMap(([port, { received }]) => received.map(({ path }) => `${nameOf(port)} ${path}`));
  for (const copy of step.copies ?? []) await until(`the copy ${copy}`, () => all().includes(copy));
  if (step.received) {
    const [first] = [...endpoints.http.values()].flatMap(({ received }) => received);
    expectHeaders(first!.headers, step.received);
  }
}

/** The answer to a step that is no request over HTTP/1.1 or HTTP/3. */
async function otherAnswer(step: Step, url: URL, { binds }: Running): Promise<string | undefined> {
  if (step.webSocket) return open(url, binds.get(80)!);
  if (step.grpc) return call(url, binds.get(80)!);
  return step.udp ? echoed(binds.get(step.udp)!) : undefined;
}

async function replyTo(step: Step, url: URL, running: Running, cookie?: string): Promise<Reply | undefined> {
  const { endpoints, binds, sidecar, http3 } = running;
  const { authority, pair } = endpoints;
  if (step.http3) {
    const reply = await http3!.get({ port: binds.get(443)!, host: url.host, path: url.pathname });
    return reply === 'refused' ? undefined : reply;
  }
  const method = step.post ? 'POST' : step.options ? 'OPTIONS' : 'GET';
  const bind = binds.get(Number(url.port) || (url.protocol === 'https:' ? 443 : 80))!;
  const headers = { ...step.headers, ...(cookie && { cookie }) };
  return send({ ...step, method, url, headers, port: step.sidecar ? sidecar! : bind, ca: authority.pem, pair });
}

/** Compares headers. An expected null stands for a header that is absent. */
function expectHeaders(headers: IncomingHttpHeaders, expected: Record<string, string | null>): void {
  for (const [name, value] of Object.entries(expected)) expect(headers[name] ?? null, name).toBe(value);
}

/**
 * What Gateway API's conformance suite asks of the data plane: one file per test, with its name, as a configuration of
 * Gatehouse and the requests with the right answers. Source: sigs.k8s.io/gateway-api/conformance v1.6.3.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Authority, type Pair } from '../authority.ts';
import { until } from '../process.ts';
import { freePort, Stack } from '../stack.ts';
import { type Application, startApplication } from './backends.ts';
import { type Answered, send } from './send.ts';

interface Request {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  /** Headers that the application adds to its response. */
  answers?: Record<string, string>;
  sni?: string;
  /** A certificate of the client: by this authority, with this name. */
  client?: { authority: string; name: string };
  /** The right status, or the right ones. */
  status?: number | number[];
  grpcStatus?: number;
  /** The connection is refused or closed. */
  refused?: true;
  location?: string;
  /** The application that gets the request. */
  to?: string;
  seen?: { path?: string; host?: string; serverName?: string; headers?: Record<string, string>; absent?: string[] };
  /** Headers of the response: the right value, or the right ones. */
  response?: Record<string, string | string[]>;
  absent?: string[];
  mirroredTo?: string[];
  /** The percentage of 500 requests that each application gets, within 9 points (four standard deviations). */
  shares?: Record<string, number>;
  /** The percentage of 500 requests of which each application gets a copy, within 9 points. */
  copies?: Record<string, number>;
}

/** An upstream, with the application behind it, or several with their weights. */
interface Behind {
  application?: string;
  applications?: Record<string, number>;
}

interface Case {
  /** Upstreams that a route names and that are not here stand for the application with their name. */
  configuration: {
    gateways: Record<string, { servers: { port: Port }[] }>;
    routes: Record<string, unknown>;
    upstreams?: Record<string, Behind>;
  };
  /** The DNS names of the certificates that the gateways name. */
  certificates?: Record<string, string[]>;
  /** The authorities in trust bundles. */
  trustBundles?: Record<string, string[]>;
  requests: Request[];
}

const folder = join(import.meta.dirname, 'cases');
const cases = readdirSync(folder)
  .sort()
  .flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document, index, { length }) => ({
      title: `${file.replace('.yaml', '')}${length > 1 ? ` ${index + 1}` : ''}`,
      ...(document.toJS() as Case),
    })),
  );

let stack: Stack;
const authorities = new Map<string, Authority>();
let behind: Pair;
const applications = new Map<string, Application>();
/** The ports that Envoy opens, by protocol and number: `udp 53`, and `tcp 80` for everything else. */
const bind = new Map<string, number>();

const authority = async (name: string) => {
  if (!authorities.has(name)) authorities.set(name, await Authority.create(name));
  return authorities.get(name)!;
};
const application = async (name: string) => {
  if (!applications.has(name)) applications.set(name, await startApplication(name, behind));
  return applications.get(name)!;
};

beforeAll(async () => {
  stack = await Stack.start();
  behind = await (await authority('backends')).issue(
    'abc.example.com',
    'other.example.com',
    'spiffe://abc.example.com/test-identity',
  );
  await stack.createTenant('acme');
});
afterAll(async () => {
  await stack?.stop();
  for (const each of applications.values()) each.close();
});

/** What the fleet offers, by number: a port has one protocol at a time. */
let offered: Record<string, string> = {};

/** Gives the fleet the ports of a case. It is the tenant's own fleet, so that a gateway may have the host `*`. */
async function offer(configuration: { gateways: Record<string, { servers: { port: Port }[] }> }): Promise<void> {
  const wanted = { ...offered };
  for (const { servers } of Object.values(configuration.gateways))
    for (const { port } of servers) wanted[portKey(port)] = port.protocol;
  if (JSON.stringify(wanted) === JSON.stringify(offered)) return;
  await stack.call('/tenants/acme/configuration', { method: 'PUT', body: {} });
  const ports = [];
  for (const [key, protocol] of Object.entries(wanted)) {
    if (!bind.has(key)) bind.set(key, await freePort());
    ports.push({ number: Number(key.split(' ')[1]), bind: bind.get(key), protocol });
  }
  const { status, body } = await stack.call(`/fleets/${stack.fleet}`, {
    method: 'PATCH',
    body: { tenant: 'acme', ports },
  });
  expect(status, JSON.stringify(body)).toBe(200);
  offered = wanted;
}

interface Port {
  number: number;
  protocol: string;
}

const portKey = ({ number, protocol }: Port) => `${protocol === 'UDP' ? 'udp' : 'tcp'} ${number}`;

/** The configuration with its certificates, and with an upstream for every application that a route names. */
async function complete({ configuration, certificates = {}, trustBundles = {} }: Case): Promise<unknown> {
  const issuer = await authority('gateway');
  const upstreams: Record<string, unknown> = {};
  for (const [, name] of JSON.stringify(configuration.routes).matchAll(/"upstream":"([^"]+)"/g))
    if (!configuration.upstreams?.[name!])
      upstreams[name!] ??= {
        port: 8080,
        endpoints: [{ address: '127.0.0.1', port: (await application(name!)).port }],
        ...(name!.startsWith('grpc-') && { protocol: 'HTTP2' }),
      };
  for (const [name, { application: one, applications: several, ...more }] of Object.entries(
    configuration.upstreams ?? {},
  )) {
    const endpoints = Object.entries(several ?? { [one ?? name]: 1 }).map(async ([each, weight]) => ({
      address: '127.0.0.1',
      port: (await application(each)).port,
      weight,
    }));
    upstreams[name] = { port: 8080, endpoints: await Promise.all(endpoints), ...more };
  }
  return {
    ...configuration,
    upstreams,
    certificates: Object.fromEntries(
      await Promise.all(
        Object.entries(certificates).map(async ([name, hosts]) => [name, await issuer.issue(...hosts)]),
      ),
    ),
    trustBundles: Object.fromEntries(
      await Promise.all(
        Object.entries(trustBundles).map(async ([name, of]) => [
          name,
          { certificates: (await Promise.all(of.map(async (each) => (await authority(each)).pem))).join('\n') },
        ]),
      ),
    ),
  };
}

async function ask(request: Request): Promise<Answered> {
  const { protocol, port } = new URL(request.url);
  const over = protocol === 'udp:' ? 'udp' : 'tcp';
  const usual = protocol === 'https:' || protocol === 'tls:' ? 443 : 80;
  return send({
    ...request,
    url: request.url.replace('{id}', randomUUID()),
    headers: { ...request.headers, ...(request.answers && { 'x-answers': JSON.stringify(request.answers) }) },
    client: request.client ? await (await authority(request.client.authority)).issue(request.client.name) : undefined,
    ca: [...authorities.values()].map(({ pem }) => pem),
    // A port that no gateway has is only a part of the Host header.
    port: bind.get(`${over} ${port}`) ?? bind.get(`${over} ${usual}`)!,
  });
}

test('every file has requests', () => {
  expect(cases.filter(({ requests }) => !requests?.length)).toEqual([]);
});

test.each(cases)('$title', async (each) => {
  await offer(each.configuration);
  await stack.publish('acme', 'configuration', await complete(each));
  for (const request of each.requests) {
    const about = `${request.method ?? ''} ${request.url} ${JSON.stringify(request.headers ?? {})}`;
    if (request.shares || request.copies) await distributed(request);
    else if (request.refused) await expect(ask(request), about).rejects.toThrow();
    else check(request, await ask(request), about);
    for (const name of request.mirroredTo ?? []) {
      const path = new URL(request.url).pathname;
      await until(`a copy at ${name}`, async () => (await application(name)).received.includes(path));
    }
  }
});

function check(request: Request, answer: Answered, about: string): void {
  const { status, grpcStatus, to, seen, location, response = {}, absent = [] } = request;
  if (status !== undefined) expect([status].flat(), about).toContain(answer.status);
  if (grpcStatus !== undefined) expect(answer.grpcStatus, about).toBe(grpcStatus);
  if (to !== undefined) expect(answer.from, about).toBe(to);
  if (location !== undefined) expect(answer.headers!.location, about).toBe(location);
  for (const [name, values] of Object.entries(response)) {
    const normal = (text: unknown) => String(text).replaceAll(', ', ',');
    expect([values].flat().map(normal), `${about} ${name}`).toContain(normal(answer.headers![name]));
  }
  for (const name of absent) expect(answer.headers, about).not.toHaveProperty(name);
  const { headers = {}, absent: unseen = [], ...fields } = seen ?? {};
  if (seen) expect(answer.seen, about).toMatchObject({ ...fields, headers });
  for (const name of unseen) expect(answer.seen!.headers, about).not.toHaveProperty(name);
}

/** Percentage points. Of 500 requests, these are five standard deviations of a share of one half. */
const MOST_OFF = 11;

async function distributed(request: Request): Promise<void> {
  const counts: Record<string, number> = {};
  const copied = Object.keys(request.copies ?? {});
  for (const name of copied) (await application(name)).received.length = 0;
  for (let sent = 0; sent < 500; sent += 50)
    for (const { from } of await Promise.all(Array.from({ length: 50 }, () => ask(request))))
      counts[from!] = (counts[from!] ?? 0) + 1;
  for (const [name, share] of Object.entries(request.shares ?? {}))
    expect(Math.abs((counts[name] ?? 0) / 5 - share), `${name}: ${counts[name]} of 500`).toBeLessThanOrEqual(MOST_OFF);
  for (const name of copied) {
    const { received } = await application(name);
    const off = () => Math.abs(received.length / 5 - request.copies![name]!);
    await expect.poll(off, { timeout: 10_000 }).toBeLessThanOrEqual(MOST_OFF);
  }
}

import type { Plural } from '../../model/kinds/index.ts';

export type Body = Record<string, unknown>;

/** One request of a writer, and its correct statuses. */
export interface Write {
  /** Description for reports. */
  what: string;
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Correct statuses; any other is a fault of the API. 503 is a fault too, unless the workload allows it. */
  right: readonly number[];
  /** The resources a success writes: `upstreams/a` → spec. */
  puts?: Record<string, Body>;
  patches?: Record<string, { labels: Record<string, string> }>;
  deletes?: readonly string[];
}

const gateway = (...hosts: string[]): Body => ({
  selector: { ingress: 'public' },
  servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts }],
});

/** @param mark one of a kind, by which this version is known again */
const upstream = (mark: string, address = '10.0.0.1', port = 9080): Body => ({
  port,
  endpoints: [{ address }],
  labels: { mark },
});

const route = (host: string, upstream: string, more: Body = {}): Body => ({
  hosts: [host],
  gateways: ['edge'],
  http: [{ route: [{ destination: { upstream } }], ...more }],
});

/** Resources that every tenant has from the start and keeps: the rejected writes refer to them. */
export const beginning = (host: string, address?: string, port?: number) =>
  ({
    gateways: { edge: gateway(host, `*.${host}`) },
    upstreams: { web: upstream('web', address, port), same: upstream('same') },
    routes: { web: route(host, 'web') },
  }) satisfies Partial<Record<Plural, Record<string, Body>>>;

const put = (path: string, name: string, spec: Body, right: readonly number[] = [200, 201]): Write => ({
  what: `put ${name.split('/')[0]}`,
  method: 'PUT',
  path: `${path}/${name}`,
  body: spec,
  right,
  puts: { [name]: spec },
});

export interface Writer {
  tenant: string;
  host: string;
  /** Nobody else writes the resources of this name. */
  name: string;
  /** A host that another tenant holds. */
  taken: string;
  /** The last revision of the tenant that the writer knows of. */
  known: number;
}

/** @param mark one of a kind for each write */
type Kind = (writer: Writer, mark: string) => Write;

const at = ({ tenant }: Writer): string => `/v1/tenants/${tenant}`;

/** Writes that succeed whatever the other writers do. */
export const accepted: readonly Kind[] = [
  (w, mark) => put(at(w), `upstreams/${w.name}`, upstream(mark)),
  (w, mark) => put(at(w), `upstreams/${w.name}`, upstream(mark, '10.0.0.2')),
  (w, mark) => put(at(w), `routes/${w.name}`, route(`${w.name}.${w.host}`, 'web', { name: mark.slice(0, 60) })),
  (w, mark) => ({
    what: 'patch upstreams',
    method: 'PATCH',
    path: `${at(w)}/upstreams/web`,
    body: { labels: { [w.name]: mark } },
    headers: { 'content-type': 'application/merge-patch+json' },
    right: [200],
    patches: { 'upstreams/web': { labels: { [w.name]: mark } } },
  }),
  (w, mark) => {
    const puts = { [`upstreams/${w.name}`]: upstream(mark), [`upstreams/${w.name}-b`]: upstream(`${mark}-b`) };
    return {
      what: 'several as one',
      method: 'POST',
      path: `${at(w)}/revisions`,
      body: {
        puts: Object.entries(puts).map(([id, spec]) => ({ kind: 'upstream', name: id.split('/')[1], spec })),
      },
      right: [201],
      puts,
    };
  },
  (w, mark) => ({
    what: 'part of the whole',
    method: 'PUT',
    path: `${at(w)}/configuration?prune=false`,
    body: { upstreams: { [w.name]: upstream(mark) } },
    right: [201],
    puts: { [`upstreams/${w.name}`]: upstream(mark) },
  }),
];

/**
 * An upstream and the route that needs it, put and deleted by all writers at once. The order decides which write is
 * rejected.
 */
export const contended: readonly Kind[] = [
  (w, mark) => put(at(w), 'upstreams/shared', upstream(mark)),
  (w, mark) =>
    put(at(w), 'routes/shared', route(`shared.${w.host}`, 'shared', { name: mark.slice(0, 60) }), [200, 201, 422]),
  (w) => ({
    what: 'delete a shared upstream',
    method: 'DELETE',
    path: `${at(w)}/upstreams/shared`,
    right: [204, 404, 409],
    deletes: ['upstreams/shared'],
  }),
  (w) => ({
    what: 'delete a shared route',
    method: 'DELETE',
    path: `${at(w)}/routes/shared`,
    right: [204, 404],
    deletes: ['routes/shared'],
  }),
];

export const restore: Kind = (w) => ({
  what: 'restore',
  method: 'POST',
  path: `${at(w)}/revisions`,
  body: { restore: Math.max(1, w.known - 3) },
  right: [200, 201],
});

/** Writes that are rejected, or change nothing, whatever the other writers do. */
export const rejected: readonly Kind[] = [
  (w) => ({ what: 'delete what is not there', method: 'DELETE', path: `${at(w)}/upstreams/none`, right: [404] }),
  (w) => ({
    what: 'patch what is not there',
    method: 'PATCH',
    path: `${at(w)}/upstreams/none`,
    body: {},
    headers: { 'content-type': 'application/merge-patch+json' },
    right: [404],
  }),
  (w, mark) => ({
    ...put(at(w), `upstreams/${w.name}`, upstream(mark), [412]),
    what: 'a stale If-Match',
    headers: { 'if-match': '"r0"' },
  }),
  (w, mark) => ({
    ...put(at(w), 'upstreams/web', upstream(mark), [412]),
    what: 'If-None-Match: * on what is there',
    headers: { 'if-none-match': '*' },
  }),
  (w) => ({ ...put(at(w), 'upstreams/same', upstream('same'), [200]), what: 'a put that changes nothing', puts: {} }),
  (w) => ({ ...put(at(w), `routes/dangling`, route(w.host, 'none'), [422]), what: 'a dangling reference' }),
  (w) => ({ what: 'delete what is in use', method: 'DELETE', path: `${at(w)}/upstreams/web`, right: [409] }),
  (w) => ({ ...put(at(w), 'gateways/greedy', gateway(w.taken), [409]), what: "another tenant's host" }),
  (w) => ({
    what: 'the whole, dangling',
    method: 'PUT',
    path: `${at(w)}/configuration?prune=false`,
    body: { routes: { dangling: route(w.host, 'none') } },
    right: [422],
  }),
  (w) => ({
    what: 'the whole, with a stale If-Match',
    method: 'PUT',
    path: `${at(w)}/configuration?prune=false`,
    body: { upstreams: { none: upstream('none') } },
    headers: { 'if-match': '"r0"' },
    right: [412],
  }),
  (w) => ({
    what: 'a restore of what never was',
    method: 'POST',
    path: `${at(w)}/revisions`,
    body: { restore: 1_000_000_000 },
    right: [422],
  }),
  (w) => ({
    what: 'a dry run',
    method: 'PUT',
    path: `${at(w)}/configuration?prune=false&dryRun=true`,
    body: { upstreams: { none: upstream('none') } },
    right: [200],
  }),
];

/** Pitfalls of the layout of resources that only an agent and a real Envoy together can show. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigurationDocument } from '../../model/configuration.ts';
import type { Upstream } from '../../model/kinds/upstream.ts';
import type { Rule } from '../../model/route/rule.ts';
import { Feed } from '../dataplane/feed.ts';
import { Authority } from '../e2e/authority.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import { startEcho } from './compiled-edge.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

/** More than two responses of scopes. */
const HOSTS = 2100;

let feed: Feed;
let envoy: RunningEnvoy;
const startEnvoy = () => runBeside(feed.folder, 'edge', { concurrency: 2 });
let echo: Awaited<ReturnType<typeof startEcho>>;
let ports: { http: number; https: number };
const authority = await Authority.create();

const say = (body: string): Rule => ({ directResponse: { status: 200, body } });
const to = (upstream: string): Rule => ({ route: [{ destination: { upstream } }] });
const upstream = (more: Partial<Upstream> = {}): Upstream => ({
  port: 80,
  endpoints: [{ address: '127.0.0.1', port: echo.port }],
  ...more,
});

/** Hosts on port 80, and on 443 too when there is a certificate for them. */
function serving(
  hosts: string[],
  rule: Rule,
  more: Pick<ConfigurationDocument, 'upstreams' | 'certificates'> = {},
): ConfigurationDocument {
  const [credentialName] = Object.keys(more.certificates ?? {});
  return {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [
          { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts },
          ...(credentialName === undefined
            ? []
            : [
                {
                  port: { number: 443, name: 'https', protocol: 'HTTPS' as const },
                  hosts,
                  tls: { mode: 'SIMPLE' as const, credentialName },
                },
              ]),
        ],
      },
    },
    routes: { app: { hosts, gateways: ['web'], http: [rule] } },
    ...more,
  };
}

beforeAll(async () => {
  echo = await startEcho();
  ports = { http: await freePort(), https: await freePort() };
  const many = Array.from({ length: HOSTS }, (_, n) => `h${n}.many.test`);
  feed = await Feed.start(
    {
      name: 'edge',
      labels: { ingress: 'public' },
      address: '127.0.0.1',
      ports: [
        { number: 80, bind: ports.http, protocol: 'HTTP' },
        { number: 443, bind: ports.https, protocol: 'HTTPS' },
      ],
    },
    { many: serving(many, say('many')) },
  );
  envoy = await startEnvoy();
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  echo?.server.close();
});

const get = (host: string, path = '/') => ask({ port: ports.http, path, headers: { host } });
const secure = (host: string) =>
  ask({ port: ports.https, servername: host, ca: authority.pem, headers: { host } }, true);
const live = (seq: number) => until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
const rejected = (tenant: string) => feed.nodes[0]!.rejections.filter((each) => each.tenant === tenant);
const stat = async (name: string) =>
  Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec((await envoy.admin(`/stats?filter=^${name}$`)).body)?.[1]);
/** Returns the resources of one kind that Envoy has, from its admin interface. */
const held = async (resource: string) => (await envoy.admin(`/config_dump?resource=${resource}`)).body;

describe('scopes', () => {
  it('are sent by the thousand, and none is lost', async () => {
    for (const n of [0, 999, 1000, 1999, 2000, HOSTS - 1]) expect((await get(`h${n}.many.test`)).body).toBe('many');
    expect(await stat('http\\.http\\.scoped_rds\\.scopes\\.all_scopes')).toBe(HOSTS);
  });

  it('are removed with their host, whose requests then get 404 without waiting, and return with the host', async () => {
    const there = serving(['leaving.test'], to('app'), { upstreams: { app: upstream() } });
    await live(feed.tell('leaver', there));
    expect((await get('leaving.test')).status).toBe(200);
    await live(feed.tell('leaver', {}));
    expect((await get('leaving.test')).status).toBe(404);
    await until('the scope to go', async () => !(await held('dynamic_scoped_route_configs')).includes('leaving.test'));
    await until('its cluster to go', async () => !(await held('dynamic_active_clusters')).includes('leaver/app'));
    await live(feed.tell('leaver', there));
    expect((await get('leaving.test')).status).toBe(200);
  });
});

describe('a change that is live', () => {
  it('does not load its host: a host without a request stays cold', async () => {
    await live(feed.tell('cold', serving(['cold.test'], to('app'), { upstreams: { app: upstream() } })));
    expect(await held('dynamic_route_configs')).not.toContain('cold.test');
    expect(await held('dynamic_active_clusters')).not.toContain('cold/app');
    expect((await get('cold.test')).status).toBe(200);
    expect(await held('dynamic_route_configs')).toContain('cold.test');
  });
});

describe('a host that is loaded', () => {
  it('and its upstream add no statistics, over HTTP or HTTPS', async () => {
    const { certificateChain, privateKey } = await authority.issue('counted.test');
    const more = { upstreams: { app: upstream() }, certificates: { it: { certificateChain } } };
    await live(feed.tell('counted', serving(['counted.test'], to('app'), more), { it: privateKey }));
    expect((await get('counted.test')).status).toBe(200);
    expect((await secure('counted.test')).status).toBe(200);
    const { body } = await envoy.admin('/stats');
    expect(body).toMatch(/^http\.https\.downstream_rq_2xx: [1-9]/m);
    expect(body).not.toMatch(/counted|cluster\.tenants/);
  });
});

describe('certificates', () => {
  it('that arrive after a failed handshake serve the next client', async () => {
    await expect(secure('later.test')).rejects.toThrow();
    const { certificateChain, privateKey } = await authority.issue('later.test');
    const document = serving(['later.test'], say('later'), { certificates: { later: { certificateChain } } });
    await live(feed.tell('later', document, { later: privateKey }));
    expect((await secure('later.test')).body).toBe('later');
    expect(await held('dynamic_active_secrets')).toContain('later.test');
  });

  it('with the key of another certificate are not sent, fail the handshake, and do not affect other hosts', async () => {
    const [{ certificateChain }, { privateKey }] = [await authority.issue('pair.test'), await authority.issue('x')];
    const document = serving(['pair.test'], say('pair'), { certificates: { pair: { certificateChain } } });
    await live(feed.tell('pair', document, { pair: privateKey }));
    // Envoy would have rejected the pair, and the client would have waited for the time-out of the handshake.
    await expect(secure('pair.test')).rejects.toThrow('alert handshake failure');
    expect(await held('dynamic_active_secrets')).not.toContain('pair.test');
    expect(rejected('pair')).toEqual([]);
    expect((await secure('later.test')).body).toBe('later');
  });

  it('and tenants that are added and removed do not change a listener', async () => {
    const before = await stat('listener_manager\\.listener_added');
    const { certificateChain, privateKey } = await authority.issue('still.test');
    const document = serving(['still.test'], say('still'), { certificates: { still: { certificateChain } } });
    await live(feed.tell('still', document, { still: privateKey }));
    expect((await secure('still.test')).body).toBe('still');
    await live(feed.tell('still', {}));
    expect(await stat('listener_manager\\.listener_modified')).toBe(0);
    expect(await stat('listener_manager\\.listener_added')).toBe(before);
  });
});

describe('an upstream that Envoy rejects', () => {
  /** The API would reject this: Envoy requires a time-out above zero. */
  const refused = () => upstream({ connectTimeout: '0s' });

  it('is reported, and does not affect other tenants', async () => {
    await live(feed.tell('good', serving(['good.test'], to('app'), { upstreams: { app: upstream() } })));
    await live(feed.tell('bad', serving(['bad.test'], to('app'), { upstreams: { app: refused() } })));
    // The host is cold, so Envoy rejects the upstream when the first request loads the host.
    expect((await get('bad.test')).status).toBe(503);
    await until('the rejection', () => rejected('bad').length > 0);
    expect(rejected('bad')[0]).toMatchObject({ resource: 'upstreams/app' });
    await live(feed.tell('good', serving(['good.test'], say('on'))));
    expect((await get('good.test')).body).toBe('on');
  });

  it('leaves its tenant on the last good upstream', async () => {
    const at = (app: Upstream) => serving(['warm.test'], to('app'), { upstreams: { app } });
    await live(feed.tell('warm', at(upstream())));
    expect((await get('warm.test')).status).toBe(200);
    await live(feed.tell('warm', at(refused())));
    expect(rejected('warm')).toHaveLength(1);
    expect((await get('warm.test')).status).toBe(200);
    await live(feed.tell('warm', at(upstream())));
    expect(rejected('warm')).toEqual([]);
  });
});

describe('a rejected revision that deletes the upstream in use', () => {
  const refused: Rule = {
    match: [{ uri: { regex: '(\\pL{1000}){10}' } }],
    directResponse: { status: 200, body: 'never' },
  };

  it('keeps the upstream as long as the last good routes are served', async () => {
    await live(feed.tell('drop', serving(['drop.test'], to('old'), { upstreams: { old: upstream() } })));
    expect((await get('drop.test')).status).toBe(200);
    await live(feed.tell('drop', serving(['drop.test'], refused)));
    expect(rejected('drop').length).toBeGreaterThan(0);
    expect((await get('drop.test')).status).toBe(200);
    await live(feed.tell('good', serving(['good.test'], say('unhindered'))));
    expect((await get('good.test')).body).toBe('unhindered');

    await live(feed.tell('drop', serving(['drop.test'], say('mended'))));
    expect((await get('drop.test')).body).toBe('mended');
    await until('the old cluster to go', async () => !(await held('dynamic_active_clusters')).includes('drop/old'));
  });

  it('affects only that host on an Envoy that connects later', async () => {
    await live(feed.tell('drop', serving(['drop.test'], to('old'), { upstreams: { old: upstream() } })));
    expect((await get('drop.test')).status).toBe(200);
    await live(feed.tell('drop', serving(['drop.test'], refused)));
    await envoy.stop();
    envoy = await startEnvoy();
    // The host has its last good routes, whose upstream no longer exists in any configuration.
    expect((await get('drop.test')).status).toBe(503);
    expect((await get('good.test')).body).toBe('unhindered');
    await live(feed.tell('drop', serving(['drop.test'], say('mended'))));
    expect((await get('drop.test')).body).toBe('mended');
  });
});

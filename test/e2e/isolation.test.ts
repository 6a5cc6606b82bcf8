import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Internet, startInternet, txt } from '../api/domains/name-servers.ts';
import { Backend } from './backend.ts';
import { saying, simple } from './configuration.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

/** RE2 compiles this beyond the program size that these Envoys are given; the API takes more. */
const TOO_BIG = '(abc|def){40}';

let stack: Stack;
let backend: Backend;
let net: Internet;

beforeAll(async () => {
  net = await startInternet();
  const apiEnv = { GATEHOUSE_DNS_ROOTS: net.roots };
  [stack, backend] = await Promise.all([Stack.start({ regexLimit: 100, apiEnv }), Backend.start('app')]);
  for (const name of ['bad', 'good']) {
    await stack.createTenant(name);
    await stack.publish(name, 'configuration', simple(`${name}.test`, backend));
  }
});

afterAll(async () => {
  await Promise.all([stack?.stop(), backend?.stop(), net?.stop()]);
});

const ask = (host: string) => http({ port: stack.httpPort, host });
const bad = {
  hosts: ['bad.test'],
  gateways: ['web'],
  http: [{ match: [{ uri: { regex: TOO_BIG } }], directResponse: { status: 200, body: 'never' } }],
};

describe('a revision that Envoy rejects', () => {
  it('is reported with Envoy’s message and a pointer, leaves its tenant on the last good one, and delays no other tenant', async () => {
    expect((await ask('bad.test')).status).toBe(200);
    expect((await ask('good.test')).status).toBe(200);

    const refused = await stack.call('/tenants/bad/routes/app', {
      method: 'PUT',
      body: bad,
      headers: { prefer: 'wait=10' },
    });
    expect(refused.status).toBe(202);
    expect(refused.headers.get('gatehouse-status')).toBe('rejected');
    const revision = Number(refused.headers.get('gatehouse-revision'));
    const { body: told } = await stack.call(`/tenants/bad/revisions/${revision}/status`);
    expect(told.state).toBe('rejected');
    expect(JSON.stringify(told)).toContain('/http/0/match/0/uri/regex');
    expect(JSON.stringify(told)).toContain('routes/app');

    await stack.publish('good', 'routes/app', saying('good.test', 'unhindered'));
    expect((await ask('good.test')).body).toBe('unhindered');
    expect(JSON.parse((await ask('bad.test')).body).name).toBe('app');
  });

  it('is not served by an Envoy that connects later, which gets the last good one', async () => {
    await stack.envoy!.stop();
    await stack.startEnvoy();
    await until('the last good revision', async () => (await ask('bad.test')).status === 200);
    expect((await ask('good.test')).body).toBe('unhindered');
  });

  it('is no longer reported after the next good revision', async () => {
    await stack.publish('bad', 'routes/app', saying('bad.test', 'mended'));
    expect((await ask('bad.test')).body).toBe('mended');
  });
});

it('a large change that takes Envoy long delays no report about another tenant', async () => {
  await stack.createTenant('large');
  await stack.publish('large', 'configuration', simple('large.test', backend));
  expect((await ask('large.test')).status).toBe(200);
  const conditions = (version: string) => ({
    ...saying('large.test', version),
    http: Array.from({ length: 40 }, (_, rule) => ({
      match: Array.from({ length: 50 }, (_, n) => ({ uri: { exact: `/${version}/${rule}/${n}` } })),
      directResponse: { status: 200, body: version },
    })),
  });
  const change = async (version: string) => {
    const { headers } = await stack.call('/tenants/large/routes/app', { method: 'PUT', body: conditions(version) });
    return Number(headers.get('gatehouse-revision'));
  };
  const stateOf = async (revision: number) =>
    (await stack.call(`/tenants/large/revisions/${revision}/status`)).body.state;
  const overtaken = async () => {
    const revision = await change(`v${Math.random()}`);
    await stack.publish('good', 'routes/app', saying('good.test', `beside ${revision}`));
    return (await stateOf(revision)) !== 'live';
  };
  // Envoy may be quick, but the agent lets the tenant rest after each large change.
  await until('a report that overtakes', overtaken);
});

describe('a burst with one bad revision', () => {
  const crowd = Array.from({ length: 60 }, (_, i) => `crowd-${i}`);
  const hostOf = (tenant: string) => `${tenant}.test`;

  beforeAll(async () => {
    for (const tenant of crowd) {
      await stack.createTenant(tenant);
      await stack.publish(tenant, 'configuration', simple(hostOf(tenant), backend));
      await ask(hostOf(tenant));
    }
  });

  it.each([1, 2, 3])('is live for all other tenants, as reported, on every worker (round %i)', async (round) => {
    const says = `round ${round}`;
    const publish = async (tenant: string) => {
      await stack.publish(tenant, 'routes/app', saying(hostOf(tenant), says));
      // New connections, which the kernel spreads over the workers.
      const answers = await Promise.all(Array.from({ length: 4 }, () => ask(hostOf(tenant))));
      expect(answers.map(({ body }) => body)).toEqual([says, says, says, says]);
    };
    const [victim] = crowd;
    const refused = stack.call(`/tenants/${victim}/routes/app`, {
      method: 'PUT',
      body: { ...bad, hosts: [hostOf(victim!)], labels: { round: String(round) } },
      headers: { prefer: 'wait=60' },
    });
    await Promise.all(crowd.slice(1).map(publish));
    expect((await refused).headers.get('gatehouse-status')).toBe('rejected');
    expect(JSON.parse((await ask(hostOf(victim!))).body).name).toBe('app');
  });
});

describe('tenants on a shared fleet', () => {
  it('share ports; if two race for a host, one gets it, and the error for the other does not name the holder', async () => {
    await Promise.all(['racer-a', 'racer-b'].map((name) => stack.createTenant(name)));
    const replies = await Promise.all(
      ['racer-a', 'racer-b'].map((name) =>
        stack.call(`/tenants/${name}/configuration`, { method: 'PUT', body: simple('prize.test', backend) }),
      ),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409]);
    const loser = replies.find(({ status }) => status === 409)!;
    expect(JSON.stringify(loser.body)).toContain('prize.test');
    expect(JSON.stringify(loser.body)).not.toMatch(/racer-[ab](?!.*racer)/);
  });

  it('lose the hosts that others have proven, and no other host, when a shared fleet begins to serve them', async () => {
    await Promise.all(['owner', 'mover'].map((name) => stack.createTenant(name)));
    const claim = await stack.call('/tenants/owner/domains', { method: 'POST', body: { name: 'shop.test' } });
    net.set(txt('_gatehouse.shop.test', claim.body.records[0].value));
    const checked = await stack.call('/tenants/owner/domains/shop.test/check', { method: 'POST', body: {} });
    expect(checked.body.state).toBe('proven');
    const port = { number: 80, protocol: 'HTTP' };
    const selecting = (selector: object, ...hosts: string[]) => ({
      selector,
      servers: [{ port: { ...port, name: 'http' }, hosts }],
    });
    await stack.publish('owner', 'configuration', {
      gateways: { web: selecting({ ingress: 'public' }, 'www.shop.test') },
      routes: { app: saying('www.shop.test', 'the owner') },
    });

    // Only fleets of the tenant serve its gateways, without Envoys in this test. One of the fleets ends.
    const all = ['pay.shop.test', 'mover.test', 'old.shop.test', 'late.test'];
    for (const name of ['stays', 'ends']) {
      const body = { name: `mover-${name}`, labels: { [name]: 'here' }, ports: [{ ...port, bind: 8080 }] };
      expect((await stack.call('/tenants/mover/fleets', { method: 'POST', body })).status).toBe(201);
    }
    const written = await stack.call('/tenants/mover/configuration', {
      method: 'PUT',
      body: {
        gateways: {
          web: selecting({ stays: 'here' }, ...all.slice(0, 2)),
          late: selecting({ ends: 'here' }, ...all.slice(2)),
        },
        routes: { app: { ...saying('', 'the mover'), hosts: all, gateways: ['web', 'late'] } },
      },
    });
    expect([written.status, written.body.violations]).toEqual([201, undefined]);
    const removed = await stack.call('/fleets/mover-ends?force=true', { method: 'DELETE' });
    expect(removed.status).toBe(200);
    const answers = async () => {
      const found = await Promise.all(['www.shop.test', ...all].map(ask));
      return found.map(({ status, body }) => (status === 200 ? body : status));
    };
    expect(await answers()).toEqual(['the owner', 404, 404, 404, 404]);

    const labels = { ingress: 'public', stays: 'here', ends: 'here' };
    const moved = await stack.call(`/fleets/${stack.fleet}`, {
      ...{ method: 'PATCH', body: { labels } },
      headers: { 'content-type': 'application/merge-patch+json', prefer: 'wait=60' },
    });
    expect([moved.status, moved.body.stopped.map(({ code }: { code: string }) => code)]).toEqual([
      200,
      ['host-withdrawn', 'host-withdrawn'],
    ]);
    expect(await answers()).toEqual(['the owner', 404, 'the mover', 404, 'the mover']);
    // The hosts are free for the owner of their domain.
    await stack.publish('owner', 'configuration', {
      gateways: { web: selecting({ ingress: 'public' }, '*.shop.test') },
      routes: { app: { ...saying('*.shop.test', 'the owner'), hosts: ['*.shop.test'] } },
    });
    expect(await answers()).toEqual(['the owner', 'the owner', 'the mover', 'the owner', 'the mover']);
  });
});

/** The API is killed while a real certificate authority, Pebble, issues certificates. It takes every name for proven. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../api/store/open.node.ts';
import { findPebble, Pebble } from '../../e2e/pebble.ts';
import { until } from '../../e2e/process.ts';
import { freePort } from '../../e2e/stack.ts';
import { newDatabase } from '../../keeping/database.ts';
import { type ApiProcess, call, startProcess } from '../../postgres/processes.ts';
import { elsewhere } from '../engine.ts';
import { SHARED_FLEET } from '../harness.ts';

const DAY = 24 * 60 * 60 * 1000;
const DOMAIN_ORDERS = 8;
/** One domain per name, so that lost orders reach no limit. */
const DOMAINS = ['one', 'two', 'three', 'four', 'five', 'six'];

describe.skipIf(elsewhere !== undefined || !findPebble())('after kill -9 of the API in the middle of orders', () => {
  let pebble: Pebble;
  let store: string;
  let api: ApiProcess;
  let stopReports = () => {};

  beforeAll(async () => {
    pebble = await Pebble.start({ httpPort: await freePort(), tlsPort: await freePort(), asksNobody: true });
    store = await newDatabase();
    await start();
    await call(api, 'POST', '/v1/fleets', SHARED_FLEET);
    await call(api, 'POST', '/v1/tenants', { name: 'acme' });
    const domain = 'tenant, name, reversed, token, held, created_at, proven_at, failures, cleared';
    for (const name of [...DOMAINS, 'few'])
      await run(
        `insert into domain (${domain}, next_check_at) values ('acme', '${name}.test', 'test.${name}', 't${name}', '${name}.test', 1, 1, 0, 1, ${Date.now() + DAY})`,
      );
    stopReports = await reporting(() => api);
  });
  afterAll(async () => {
    stopReports();
    await api?.stop();
    await pebble?.stop();
  });

  const start = async () => {
    api = await startProcess(store, {
      GATEHOUSE_ACME_DIRECTORY: pebble.proxy.directory,
      GATEHOUSE_ACME_EAB: pebble.binding,
      GATEHOUSE_ACME_INTERVAL: '200',
      GATEHOUSE_ACME_DOMAIN_ORDERS: String(DOMAIN_ORDERS),
      NODE_EXTRA_CA_CERTS: pebble.caFile,
    });
  };
  const restart = async () => {
    // The run that was killed has the lease for a minute.
    await run('update job set until = 0');
    await start();
  };
  const run = async (sql: string) => (await inDatabase(store, sql)).length;
  const rows = (sql: string) => inDatabase(store, sql);
  const publish = (hosts: string[]) => {
    const tls = { mode: 'SIMPLE', credentialName: 'auto' };
    const server = { port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts, tls };
    return call(api, 'PUT', '/v1/tenants/acme/configuration', {
      certificates: { auto: { acme: {} } },
      gateways: { web: { selector: { ingress: 'public' }, servers: [server] } },
    });
  };
  const status = async () => {
    const { body } = await call(api, 'GET', '/v1/tenants/acme/certificates/auto/status');
    return body.items as { name: string; state: string; reason?: string; nextAttemptAt: string }[];
  };
  const issued = (number: number) =>
    until(`${number} certificates`, async () => {
      const found = await status();
      return found.filter(({ state }) => state === 'issued').length === number ? found : undefined;
    });

  test('each name gets exactly one certificate, from one account', async () => {
    const names = DOMAINS.map((domain) => `a.${domain}.test`).sort();
    const kill = () => api.stop('SIGKILL');
    let killed = pebble.proxy.afterNext('/sign-me-up', kill);
    expect((await publish(names)).status).toBe(201);
    for (const next of ['/order-plz', 'challenge', '/finalize-order/', '/certZ/']) {
      await killed;
      if (next === 'challenge') {
        const held = pebble.proxy.hold();
        killed = held.arrived.then(kill).then(held.release);
      } else killed = pebble.proxy.afterNext(next, kill);
      await restart();
    }
    await killed;
    await restart();
    await issued(names.length);
    expect(pebble.output.match(/Issued certificate serial/g)).toHaveLength(names.length);
    expect(pebble.output).toContain('There are now 1 accounts');
    expect(pebble.output).not.toContain('There are now 2 accounts');
    const orders = Map.groupBy(pebble.proxy.orders, ({ name }) => name);
    expect([...orders.keys()].sort()).toEqual(names);
    // An order is lost only if the process ends between the order and the row of its name.
    expect(pebble.proxy.orders.length).toBeLessThanOrEqual(2 * names.length);
    // Each order has counted before the authority got it.
    expect((await rows('select id from acme_order')).length).toBeGreaterThanOrEqual(pebble.proxy.orders.length);
    const keys = await rows('select sealed from sealed_key');
    expect(keys).toHaveLength(names.length);
    const stored = JSON.stringify([
      keys,
      await rows('select * from automatic_name'),
      await rows('select * from acme_account'),
    ]);
    expect(stored).not.toContain('PRIVATE KEY');
    expect(stored).not.toContain('"d":');
  });

  test('names that wait for an order cost nothing, and as many are ordered as are possible again', async () => {
    const names = Array.from({ length: DOMAIN_ORDERS + 3 }, (_, index) => `h${index}.few.test`);
    expect((await publish(names)).status).toBe(201);
    await issued(DOMAIN_ORDERS);
    const waiting = async () => {
      const found = await until('the others wait', async () => {
        const each = (await status()).filter(({ state }) => state === 'waiting');
        return each.every(({ reason }) => reason !== undefined) ? each : undefined;
      });
      for (const { reason, nextAttemptAt } of found) {
        expect(reason).toMatch(/^queued: 8 orders, .* have been made for few\.test in the last seven days$/);
        expect(Math.abs(Date.parse(nextAttemptAt) - Date.now() - 7 * DAY)).toBeLessThan(DAY / 24);
      }
      return found.length;
    };
    expect(await waiting()).toBe(3);
    const versions = () => rows("select name, version from automatic_name where queue <> '' order by name");
    const runs = async () =>
      Number((await rows("select started_at from job where name = 'obtain-certificates'"))[0]![0]);
    const before = await versions();
    await api.stop('SIGKILL');
    await restart();
    const since = await runs();
    await until('some runs', async () => (await runs()) > since + 1000);
    expect(await versions()).toEqual(before);
    expect(await waiting()).toBe(3);
    await run(
      `update acme_order set at = at - ${8 * DAY} where id in (select id from acme_order where domain = 'few.test' order by at limit 2)`,
    );
    await issued(DOMAIN_ORDERS + 2);
    expect(await waiting()).toBe(1);
  });
});

async function inDatabase(url: string, sql: string) {
  const { driver } = await openDatabase(url);
  const found = sql.startsWith('select') ? await driver.all(sql, []) : await driver.batch([{ sql, params: [] }]);
  await driver.close();
  return found;
}

/** Reports an Envoy that has everything at once, as an agent does. @returns stops it */
async function reporting(api: () => ApiProcess): Promise<() => void> {
  const { token } = (await call(api(), 'POST', '/v1/fleets/public/tokens', {})).body;
  let isOver = false;
  void (async () => {
    while (!isOver) {
      try {
        const { seq } = (await call(api(), 'GET', '/v1/fleets/public')).body;
        const node = { node: 'envoy', version: '1.40.0', connected: true, acked: seq, live: seq, rejections: [] };
        const headers = { authorization: `Bearer ${token}` };
        await call(api(), 'POST', '/v1/fleets/public/status', { agent: 'agent', nodes: [node] }, headers);
      } catch {
        // The API was killed.
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return () => {
    isOver = true;
  };
}

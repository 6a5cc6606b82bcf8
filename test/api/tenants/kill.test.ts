import { afterEach, describe, expect, test } from 'vitest';
import { sqlName } from '../../../api/keeping/tables.ts';
import { openDatabase } from '../../../api/store/open.node.ts';
import { declarations, tableNames } from '../../../api/store/tables/index.ts';
import { withDatabase } from '../../../cli/keeping/database.ts';
import { diagnose } from '../../../cli/keeping/doctor.ts';
import { until } from '../../e2e/process.ts';
import { newDatabase } from '../../keeping/database.ts';
import { type ApiProcess, call, startProcess } from '../../postgres/processes.ts';
import { startInternet, txt } from '../domains/name-servers.ts';
import { elsewhere } from '../engine.ts';
import { gateway, route, SHARED_FLEET, upstream } from '../harness.ts';

/** The tables with rows of a tenant. The feed keeps a row that says that the tenant is gone, if it is. */
const owned = tableNames.flatMap((name) => {
  const { tenant } = declarations[name].facts;
  return name !== 'feed' && (tenant === 'deleted' || tenant === 'cascaded') ? [sqlName(name)] : [];
});

let api: ApiProcess;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await api?.stop();
  for (const close of closing.splice(0)) await close();
});

const ROUNDS = 2;
const EACH = 4;

/** Creates a tenant whose host a fleet serves. */
async function create(name: string): Promise<void> {
  const configuration = {
    gateways: { edge: gateway(`${name}.example.com`) },
    upstreams: { web: upstream() },
    routes: { web: route(`${name}.example.com`) },
  };
  expect((await call(api, 'POST', '/v1/tenants', { name })).status).toBe(201);
  expect((await call(api, 'PUT', `/v1/tenants/${name}/configuration`, configuration)).status).toBe(201);
}

/** Gives a tenant a token with a kept reply, and a fleet. */
async function furnish(name: string): Promise<void> {
  const key = { 'idempotency-key': name };
  expect((await call(api, 'POST', `/v1/tenants/${name}/tokens`, { scopes: ['read'] }, key)).status).toBe(201);
  const fleet = { name: `${name}-own`, labels: { own: name }, ports: [] };
  expect((await call(api, 'POST', `/v1/tenants/${name}/fleets`, fleet)).status).toBe(201);
}

describe.skipIf(elsewhere !== undefined)('after kill -9', () => {
  test('suspensions, deletions, purges and released domains are whole, or did not happen', async () => {
    const [store, net] = [await newDatabase(), await startInternet()];
    closing.push(() => net.stop());
    const start = (grace: string) =>
      startProcess(store, {
        ...{ GATEHOUSE_DELETION_GRACE_DAYS: grace, GATEHOUSE_DOMAIN_PROOF: 'optional', GATEHOUSE_RETENTION: '100' },
        ...{ GATEHOUSE_DNS_ROOTS: net.roots, GATEHOUSE_DOMAIN_CHECK: '100', GATEHOUSE_DOMAIN_GRACE_DAYS: '0' },
      });
    api = await start('30');
    await call(api, 'POST', '/v1/fleets', SHARED_FLEET);
    const { driver } = await openDatabase(store);
    closing.push(() => driver.close());
    const count = async (from: string) => Number((await driver.all(`select count(*) from ${from}`, []))[0]![0]);
    const entries = (tenant: string, action: string) =>
      count(
        `audit where action = '${action}' and (target = 'tenants/${tenant}' or target like 'tenants/${tenant}/domains/%')`,
      );

    const expectPurged = async (tenant: string, action: string) => {
      for (const table of owned) expect(await count(`${table} where tenant = '${tenant}'`), table).toBe(0);
      expect(await count(`fleet where tenant = '${tenant}'`)).toBe(0);
      expect(await count(`feed where tenant = '${tenant}' and leaves = 1`)).toBe(1);
      expect(await entries(tenant, action)).toBe(1);
    };

    for (let round = 0; round < ROUNDS; round++) {
      const named = (what: string) => Array.from({ length: EACH }, (_, index) => `${what}-${round}-${index}`);
      const [suspended, purged, holder] = [named('suspended'), named('purged'), `holder-${round}`];
      for (const name of [...suspended, ...purged, holder]) await create(name);
      for (const name of purged) await furnish(name);
      const records = [];
      for (let index = 0; index < EACH; index++) {
        const { body } = await call(api, 'POST', `/v1/tenants/${holder}/domains`, {
          name: `d${round}${index}.shop.test`,
        });
        records.push(txt(body.records[0].name, body.records[0].value));
      }
      for (const sql of [
        `insert into person (id, email, email_verified, name, created_at, updated_at) values ('${holder}', '${holder}@example.com', 1, '', 0, 0)`,
        `insert into member values ('${holder}', '${holder}', 'owner', 0)`,
      ])
        await driver.batch([{ sql, params: [] }]);
      net.set(...records);
      for (const { name } of records)
        await call(api, 'POST', `/v1/tenants/${holder}/domains/${name.replace('_gatehouse.', '')}/check`, {});
      expect(await count(`domain where tenant = '${holder}' and held is not null`)).toBe(EACH);

      net.set();
      let answered = 0;
      const lastAnswers = new Map<string, string>();
      const switching = async (name: string) => {
        for (let isOpen = true; ; isOpen = !isOpen) {
          const action = isOpen ? 'suspend' : 'resume';
          const answer = await call(api, 'POST', `/v1/tenants/${name}/${action}`, { reason: 'x' }).catch(
            () => undefined,
          );
          if (!answer) return;
          expect(answer.status).toBe(200);
          lastAnswers.set(name, action);
          answered++;
        }
      };
      const gone = new Set<string>();
      const removing = async (name: string) => {
        const answer = await call(api, 'DELETE', `/v1/tenants/${name}`).catch(() => undefined);
        if (answer?.status === (round === 0 ? 202 : 204)) gone.add(name);
        answered++;
      };
      const under = [...suspended.map(switching), ...purged.map(removing)];
      await until('some answers', () => answered >= 8 && gone.size > 0);
      await api.stop('SIGKILL');
      await Promise.all(under);
      api = await start(round === 0 ? '30' : '0');

      for (const name of suspended) {
        const { status, body } = await call(api, 'GET', `/v1/tenants/${name}`);
        expect(status).toBe(200);
        const [closed, opened] = [await entries(name, 'suspend'), await entries(name, 'resume')];
        expect(closed - opened).toBe(body.suspendedAt === undefined ? 0 : 1);
        // The revision, and every change of the state, notified the fleet once.
        expect(await count(`feed where tenant = '${name}'`)).toBe(1 + closed + opened);
        const write = await call(api, 'PUT', `/v1/tenants/${name}/upstreams/more`, upstream());
        expect(write.status).toBe(body.suspendedAt === undefined ? 201 : 403);
        if (lastAnswers.size === 0) expect(closed).toBe(0);
      }
      const due: string[] = [];
      for (const name of purged) {
        const { status, body } = await call(api, 'GET', `/v1/tenants/${name}`);
        const isDeleted = status === 404 || body.deletedAt !== undefined;
        if (gone.has(name)) expect(isDeleted).toBe(true);
        if (status === 404) await expectPurged(name, 'delete');
        else {
          expect(await entries(name, 'delete')).toBe(isDeleted ? 1 : 0);
          // The revision and the deletion notified the shared fleet, and the deletion also the tenant's own fleet.
          expect(await count(`feed where tenant = '${name}'`)).toBe(isDeleted ? 3 : 1);
          expect(await count(`host_claim where tenant = '${name}'`)).toBe(1);
          expect(await count(`resource_version where tenant = '${name}'`)).toBe(3);
          if (isDeleted) due.push(name);
        }
      }
      const released = await entries(holder, 'release');
      expect(await count(`domain where tenant = '${holder}' and held is null`)).toBe(released);
      expect(await count(`mail where recipient = '${holder}@example.com' and template = 'domain-released'`)).toBe(
        released,
      );
      if (round > 0) continue;

      // Without the grace period, a job begins to purge these tenants.
      await api.stop();
      api = await start('0');
      await until('the first purge', () => count(`audit where action = 'purge'`));
      await api.stop('SIGKILL');
      // The lease of the run that was killed ends after a minute.
      await driver.batch([{ sql: `update job set until = 0 where name = 'purge-tenants'`, params: [] }]);
      api = await start('0');
      await until('the purge of all deleted tenants', async () => {
        const left = await Promise.all(due.map((name) => count(`tenant where name = '${name}'`)));
        return left.every((rows) => rows === 0);
      });
      for (const name of due) await expectPurged(name, 'purge');
    }
    await api.stop();
    expect((await withDatabase(store, (database) => diagnose(database, false, undefined))).findings).toEqual([]);
  });
});

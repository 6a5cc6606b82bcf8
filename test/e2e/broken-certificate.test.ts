/** A stored certificate that cannot be read, as an earlier version accepted it, affects only its own host. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Authority } from './authority.ts';
import { Backend } from './backend.ts';
import { saying, simple } from './configuration.ts';
import { http, https } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let backend: Backend;
let authority: Authority;

beforeAll(async () => {
  [stack, backend, authority] = await Promise.all([Stack.start(), Backend.start('app'), Authority.create()]);
});
afterAll(async () => {
  await Promise.all([stack?.stop(), backend?.stop()]);
});

/** Writes it into the database, because the API would reject or repair it. */
function breakCertificate(tenant: string): void {
  const db = new Database(join(stack.folder, 'api.sqlite'));
  const where = "tenant = ? and kind = 'certificate' and to_revision is null";
  const { spec } = db.prepare(`select spec from resource_version where ${where}`).get(tenant) as { spec: string };
  const broken = JSON.stringify({ certificateChain: JSON.parse(spec).certificateChain.replace(/MII.{20}/, 'MIIx') });
  db.prepare(`update resource_version set spec = ? where ${where}`).run(broken, tenant);
  db.close();
}

it('a broken certificate fails handshakes of its host only, its tenant sees why, and others’ changes become live', async () => {
  const secure = async (tenant: string) =>
    (await https({ port: stack.httpsPort, host: `${tenant}.test`, ca: authority.pem })).status;
  for (const tenant of ['bad', 'good']) {
    await stack.createTenant(tenant);
    const configuration = simple(`${tenant}.test`, backend, { https: 'own' });
    configuration.certificates.own = await authority.issue(`${tenant}.test`);
    await stack.call(`/tenants/${tenant}/configuration`, { method: 'PUT', body: configuration });
    if (tenant === 'bad') breakCertificate(tenant);
  }
  expect(await secure('good')).toBe(200);
  // The agent pulls a snapshot from the database.
  await stack.agent.stop('SIGKILL');
  const { Replica } = await import('../../dataplane/feed/replica.ts');
  Replica.discard(stack.replica);
  await stack.startAgent();

  await expect(secure('bad')).rejects.toThrow();
  await stack.publish('good', 'routes/app', saying('good.test', 'unhindered'));
  expect((await http({ port: stack.httpPort, host: 'good.test' })).body).toBe('unhindered');
  expect(await secure('good')).toBe(200);

  const told = await until('the rejection', async () => {
    const { body } = await stack.call('/tenants/bad/revisions/1/status');
    return body.state === 'rejected' ? body : undefined;
  });
  const { rejections } = told.fleets[0].nodes[0];
  expect(rejections).toMatchObject([
    { resource: 'certificates/own', message: expect.stringMatching(/could not be built/) },
  ]);
  expect(JSON.stringify(told)).not.toMatch(/BEGIN|PRIVATE/);

  const repaired = await authority.issue('bad.test');
  await stack.publish('bad', 'certificates/own', repaired);
  expect(await secure('bad')).toBe(200);
});

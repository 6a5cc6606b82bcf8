import { expect, test } from 'vitest';
import { Sealer } from '../../api/secrets/seal.ts';
import { withDatabase } from '../../cli/keeping/database.ts';
import { diagnose } from '../../cli/keeping/doctor.ts';
import { route } from '../api/harness.ts';
import { fill, newDatabase, SEALING, serve } from './database.ts';

test('doctor finds nothing in a store that is written to meanwhile', async () => {
  const sealer = await Sealer.from(SEALING.GATEHOUSE_SEALING_KEYS);
  const url = await newDatabase();
  const api = await serve(url);
  await fill(api);
  let stop = false;
  const writer = async (path: string, write: (n: number) => Promise<{ status: number }>) => {
    for (let n = 1; !stop; n++) expect([200, 201, 204], path).toContain((await write(n)).status);
  };
  const made = async (n: number) => {
    const name = `t${n % 3}`;
    await api.post('/v1/tenants', { name });
    await api.put(`/v1/tenants/${name}/upstreams/u`, { port: 80, endpoints: [{ address: '10.0.0.1' }] });
    return api.remove(`/v1/tenants/${name}`);
  };
  const writers = [
    writer('acme', (n) => api.put('/v1/tenants/acme/routes/web', route('acme.example.com', `${(n % 9) + 1}s`))),
    writer('rival', (n) => api.put('/v1/tenants/rival/routes/web', route('rival.example.com', `${(n % 9) + 1}s`))),
    writer('tenants', made),
  ];
  const found: unknown[] = [];
  for (let round = 0; round < 10; round++)
    found.push(...(await withDatabase(url, (database) => diagnose(database, false, sealer))).findings);
  stop = true;
  await Promise.all(writers);
  await api.close();
  expect(found).toEqual([]);
});

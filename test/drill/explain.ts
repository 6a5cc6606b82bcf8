/**
 * Compares `explain` with a real Envoy on generated configurations and requests, as test/envoy/explain does on fewer.
 *
 *     --pairs N       configuration/request pairs; default 20,000
 *     --seed N        default: a random one, which is printed
 *     --connections   compares connections and datagrams instead of requests
 *     --tenants       compares requests to several tenants and TLS servers
 */
import { parseArgs } from 'node:util';
import { compareConnections } from '../envoy/explain/connections-run.ts';
import { compareWithEnvoy } from '../envoy/explain/run.ts';
import { compareTenants } from '../envoy/explain/tenants-run.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string' },
    seed: { type: 'string' },
    connections: { type: 'boolean' },
    tenants: { type: 'boolean' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
/** The number of differences that are printed completely. */
const SHOWN = 5;
/** The number of pairs per Envoy. With more of them, Envoy starts slowly. */
const BATCH = 4_000;
/** The same for connections. Each configuration opens three ports. */
const BATCH_OF_CONNECTIONS = 1_600;

async function compareBatch(pairs: number, of: number) {
  if (values.tenants) return await compareTenants(pairs, of);
  if (!values.connections) return await compareWithEnvoy(pairs, of);
  const { differences, rejections, ...outcome } = await compareConnections(pairs, of);
  return {
    ...outcome,
    nacks: rejections,
    differences: differences.map(({ tenant, ...each }) => ({ ...each, domain: tenant })),
  };
}
const size = values.connections ? BATCH_OF_CONNECTIONS : BATCH;

let left = Number(values.pairs ?? 20_000);
let shown = 0;
for (let batch = 0; left > 0; batch++, left -= size) {
  const outcome = await compareBatch(Math.min(left, size), seed + batch);
  const { pairs, outcomes, differences, nacks } = outcome;
  process.stdout.write(
    `seed ${seed + batch}: ${pairs} pairs, ${differences.length} differ, ${nacks.length} rejected; ${JSON.stringify(outcomes)}\n`,
  );
  for (const { domain, ...difference } of differences) {
    process.exitCode = 1;
    if (shown++ < SHOWN)
      process.stdout.write(`${JSON.stringify({ ...difference, configuration: outcome.of(domain) }, null, 1)}\n`);
  }
}

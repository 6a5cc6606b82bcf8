/**
 * Compares `explain` with a real Envoy on generated configurations and requests, as test/envoy/explain does on fewer.
 *
 *     --pairs N   configuration/request pairs; default 20,000
 *     --seed N    default: a random one, which is printed
 */
import { parseArgs } from 'node:util';
import { compareWithEnvoy } from '../envoy/explain/run.ts';

const { values } = parseArgs({ options: { pairs: { type: 'string' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
/** The number of differences that are printed completely. */
const SHOWN = 5;
/** The number of pairs per Envoy. With more of them, Envoy starts slowly. */
const BATCH = 4_000;

let left = Number(values.pairs ?? 20_000);
let shown = 0;
for (let batch = 0; left > 0; batch++, left -= BATCH) {
  const outcome = await compareWithEnvoy(Math.min(left, BATCH), seed + batch);
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

/**
 * Compares `explain` with a real Envoy for connections and datagrams. `npm run drill -- explain --connections` compares
 * many more.
 */
import { expect, test } from 'vitest';
import { compareConnections } from './connections-run.ts';

const PAIRS = Number(process.env.EXPLAIN_CONNECTIONS ?? 320);

test(`explain and Envoy treat ${PAIRS} generated pairs of configuration and client in the same way`, async () => {
  const outcome = await compareConnections(PAIRS, Number(process.env.EXPLAIN_SEED ?? 31));
  const [first] = outcome.differences;
  expect(first && { ...first, configuration: outcome.of(first.tenant) }).toBeUndefined();
  expect(outcome.rejections).toEqual([]);
  // Every outcome is compared.
  expect(Object.keys(outcome.outcomes).sort()).toEqual([
    'tcp closed',
    'tcp plain',
    'tls 222',
    'tls 404',
    'tls closed',
    'tls plain',
    'tls tls',
    'udp closed',
    'udp plain',
  ]);
});

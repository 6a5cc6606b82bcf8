/**
 * Compares `explain` with a real Envoy for several tenants, TLS servers and certificates. `npm run drill -- explain
 * --tenants` compares many more.
 */
import { expect, test } from 'vitest';
import { compareTenants } from './tenants-run.ts';

const PAIRS = Number(process.env.EXPLAIN_TENANTS ?? 320);

test(`explain and Envoy give the same result on ${PAIRS} generated requests to several tenants`, async () => {
  const outcome = await compareTenants(PAIRS, Number(process.env.EXPLAIN_SEED ?? 31));
  const [first] = outcome.differences;
  expect(first && { ...first, configuration: outcome.of(first.domain) }).toBeUndefined();
  expect(outcome.nacks).toEqual([]);
  // Every outcome is compared.
  expect(Object.keys(outcome.outcomes).sort()).toEqual(
    ['matched', 'misdirected', 'not-found', 'other-tenant', 'redirect', 'refused', 'rejected'].sort(),
  );
});

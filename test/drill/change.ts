/**
 * Sends requests through a real Envoy while routes, upstreams, certificates, TLS profiles and listener ports change. No
 * request may fail.
 *
 *     --requests N   requests per kind of change; default 20,000
 */
import { parseArgs } from 'node:util';
import { changeUnderLoad } from '../e2e/change-load.ts';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '20000' } } });
const outcomes = await changeUnderLoad(Number(values.requests), ({ kind, requests, changes, failures }) => {
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  process.stdout.write(`${kind}: ${failed} of ${requests} requests failed in ${changes} changes\n`);
  for (const [failure, count] of Object.entries(failures)) process.stdout.write(`  ${count} × ${failure}\n`);
});
process.exitCode = outcomes.some(({ failures }) => Object.keys(failures).length > 0) ? 1 : 0;

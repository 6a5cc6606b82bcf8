/**
 * Four tenants on one fleet have writers, including every kind of rejected write, while the API, the agent and Envoy
 * are killed in turn. At the end the store is consistent, every revision equals a replay, no acknowledged write is
 * lost, no tenant was served another's responses, and nothing was reported live that Envoy did not serve.
 *
 *     npm run drill -- crashes [--engine sqlite|postgres] [--seconds 600] [--seed 1]
 *
 * `postgres` starts its own server and two API processes.
 */
import { parseArgs } from 'node:util';
import { crashes } from './crashes/run.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite' },
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
  },
});
if (values.engine !== 'sqlite' && values.engine !== 'postgres') throw new Error('--engine is sqlite or postgres');

const { faults, ...counted } = await crashes({
  engine: values.engine,
  seconds: Number(values.seconds),
  seed: Number(values.seed),
  progress: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify(counted)}\n`);
for (const fault of faults.slice(0, 50)) process.stdout.write(`fault: ${fault}\n`);
process.stdout.write(`${faults.length} faults\n`);
process.exit(faults.length === 0 ? 0 : 1);

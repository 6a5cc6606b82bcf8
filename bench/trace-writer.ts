/** Loaded before the API or an agent. It records when each change reaches which milestone there. */
import { appendFileSync } from 'node:fs';
import { type Milestone, observe } from '../wire/milestones.ts';
import { clockMs } from './trace.ts';

const FLUSH_MS = 50;
let waiting: [at: number, milestone: Milestone, tenant: string][] = [];

function flush(): void {
  if (waiting.length > 0)
    appendFileSync(process.env.BENCH_TRACE!, waiting.map((line) => `${line.join(' ')}\n`).join(''));
  waiting = [];
}

observe((milestone, tenant) => waiting.push([clockMs(), milestone, tenant]));
setInterval(flush, FLUSH_MS).unref();
process.on('exit', flush);

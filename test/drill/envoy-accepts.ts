/**
 * Checks that Envoy accepts every spec that the API accepts. Random specs pass the product's schemas, checks and
 * compiler, and are sent to a real Envoy, until the requested number was judged. A rejected batch is bisected to one
 * spec, which is then reduced to the smallest spec that still fails.
 *
 *     node test/drill/envoy-accepts.ts [--seed 1] [--count 100000]
 */
import { parseArgs } from 'node:util';
import { RouteConfiguration } from '../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import { issue } from '../api/certificates/authority.ts';
import { type Judge, startJudge, type Verdict } from '../envoy/judge.ts';
import { type Spec, spec } from './envoy-accepts/bodies.ts';
import { accepted, certificatePool } from './envoy-accepts/certificates.ts';
import { Random } from './envoy-accepts/random.ts';
import { repaired } from './envoy-accepts/repair.ts';
import { type Resources, resources } from './envoy-accepts/resources.ts';
import { shrink } from './envoy-accepts/shrink.ts';

const BATCH = 250;
const CERTIFICATES = { pool: 60, percent: 3 };

interface Rejection {
  /** A spec that Envoy rejects although the API accepts it. */
  spec: unknown;
  message: string;
}

export interface Report {
  seed: number;
  /** Specs that were accepted by the API and judged by Envoy. */
  judged: { route: number; upstream: number; gateway: number; certificate: number };
  /** Bodies that the API rejects; Envoy never gets them. */
  rejectedByApi: number;
  rejections: Rejection[];
  seconds: number;
}

interface Options {
  seed: number;
  count: number;
  progress?: (line: string) => void;
}

/** @throws Error when Envoy does not start, or ends */
export async function envoyAccepts({ seed, count, progress }: Options): Promise<Report> {
  const began = performance.now();
  const random = new Random(seed);
  const report: Report = {
    seed,
    judged: { route: 0, upstream: 0, gateway: 0, certificate: 0 },
    rejectedByApi: 0,
    rejections: [],
    seconds: 0,
  };
  const judge = await startJudge(await issue(['first.test']));
  try {
    const bodies = new Bodies(random, judge, report);
    const certificates = await Certificates.create(random, judge, report);
    const total = () => Object.values(report.judged).reduce((sum, each) => sum + each, 0);
    while (total() < count) {
      await bodies.batch(Math.min(BATCH, count - total()));
      await certificates.batch(Math.min(Math.ceil((BATCH * CERTIFICATES.percent) / 100), count - total()));
      report.seconds = Math.round((performance.now() - began) / 1000);
      progress?.(`${total()} judged, ${report.rejections.length} rejected, ${report.seconds} s`);
    }
  } finally {
    await judge.close();
  }
  return report;
}

interface Candidate {
  spec: Spec;
  made: Resources;
}

class Bodies {
  readonly #random: Random;
  readonly #judge: Judge;
  readonly #report: Report;
  #serial = 0;

  constructor(random: Random, judge: Judge, report: Report) {
    this.#random = random;
    this.#judge = judge;
    this.#report = report;
  }

  async batch(size: number): Promise<void> {
    const candidates: Candidate[] = [];
    while (candidates.length < size) {
      const written = spec(this.#random);
      const sound = repaired(written);
      const made = sound && this.#make(sound);
      if (made) candidates.push(made);
      else this.#report.rejectedByApi++;
    }
    await this.#bisect(candidates);
    for (const { spec: judged } of candidates) this.#report.judged[judged.kind]++;
  }

  #make(of: Spec): Candidate | undefined {
    const made = resources(of, this.#serial++);
    return made && { spec: of, made };
  }

  async #bisect(candidates: readonly Candidate[]): Promise<void> {
    const message = await judged(
      this.#judge,
      candidates.map(({ made }) => made),
    );
    if (message === undefined) return;
    if (candidates.length === 1) {
      this.#report.rejections.push(await this.#smallest(candidates[0]!.spec, message));
      return;
    }
    const middle = candidates.length >> 1;
    await this.#bisect(candidates.slice(0, middle));
    await this.#bisect(candidates.slice(middle));
  }

  async #smallest(found: Spec, message: string): Promise<Rejection> {
    let last = message;
    const body = await shrink(found.body, async (smaller) => {
      const candidate = this.#make({ kind: found.kind, body: smaller });
      const verdict = candidate && (await judged(this.#judge, [candidate.made]));
      if (verdict !== undefined) last = verdict;
      return verdict !== undefined;
    });
    return { spec: { kind: found.kind, body }, message: last };
  }
}

/**
 * Sends a batch to Envoy: all virtual hosts in one RouteConfiguration, each with its own domain. All clusters are in the
 * next response, and all endpoints in the last.
 */
async function judged(judge: Judge, batch: readonly Resources[]): Promise<Verdict> {
  const virtualHosts = batch
    .flatMap((each) => each.virtualHosts)
    .map((host, index) => ({ ...host, name: `${host.name} ${index}`, domains: [`h${index}.test`] }));
  if (virtualHosts.length > 0) {
    const verdict = await judge.routes(RouteConfiguration.fromPartial({ name: 'routes', virtualHosts }));
    if (verdict !== undefined) return verdict;
  }
  const listeners = batch.flatMap((each) => each.listeners);
  if (listeners.length > 0) {
    const verdict = await judge.listeners(listeners);
    if (verdict !== undefined) return verdict;
  }
  const clusters = batch.flatMap((each) => each.clusters);
  const endpoints = new Map(batch.flatMap((each) => [...each.endpoints]));
  return clusters.length > 0 ? judge.clusters(clusters, endpoints) : undefined;
}

class Certificates {
  readonly #random: Random;
  readonly #judge: Judge;
  readonly #report: Report;
  readonly #pool: Awaited<ReturnType<typeof certificatePool>>;

  private constructor(random: Random, judge: Judge, report: Report, pool: Awaited<ReturnType<typeof certificatePool>>) {
    this.#random = random;
    this.#judge = judge;
    this.#report = report;
    this.#pool = pool;
  }

  static async create(random: Random, judge: Judge, report: Report): Promise<Certificates> {
    return new Certificates(random, judge, report, await certificatePool(random, CERTIFICATES.pool));
  }

  async batch(size: number): Promise<void> {
    for (let judged = 0; judged < size; ) {
      const written = this.#random.pick(this.#pool);
      const pair = await accepted(this.#random, written);
      if (!pair) {
        this.#report.rejectedByApi++;
        continue;
      }
      const message = await this.#judge.certificate(pair);
      if (message !== undefined)
        this.#report.rejections.push({ spec: { kind: 'certificate', body: written.certificateChain }, message });
      this.#report.judged.certificate++;
      judged++;
    }
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '100000' } },
  });
  const report = await envoyAccepts({
    seed: Number(values.seed),
    count: Number(values.count),
    progress: (line) => process.stderr.write(`\r${line}  `),
  });
  process.stderr.write('\n');
  console.log(JSON.stringify(report, undefined, 2));
  process.exit(report.rejections.length > 0 ? 1 : 0);
}

/** Serves many generated configurations with one Envoy, and compares its responses with `explain`. */
import { isDeepStrictEqual } from 'node:util';
import { MESH_PORT } from '../../../model/binding/mesh.ts';
import type { ClientRequest, Explanation } from '../../../model/explain/explain.ts';
import { freePort } from '../../e2e/stack.ts';
import { TENANT } from '../compiled-edge.ts';
import { type Served, serving } from '../edge.ts';
import { type Observed, observe, predict } from './compare.ts';
import { startEchoes } from './echo.ts';
import { type Sample, samples } from './generate/samples.ts';
import { UPSTREAMS } from './generate/values.ts';

interface Difference {
  domain: string;
  question: ClientRequest;
  expected: Observed;
  actual: Observed;
}

export interface Outcome {
  pairs: number;
  /** The number of requests by outcome. */
  outcomes: Record<string, number>;
  differences: Difference[];
  nacks: string[];
  /** The configuration of a domain, for a report. */
  of(domain: string): Pick<Sample, 'gateways' | 'routes'>;
}

/** The number of concurrent requests. */
const AT_ONCE = 8;

/**
 * @param pairs configuration/request pairs to compare
 * @param asked requests per configuration
 */
export async function compareWithEnvoy(pairs: number, seed: number, asked = 8): Promise<Outcome> {
  const all = samples(Math.ceil(pairs / asked), asked, seed);
  const echoes = await startEchoes(UPSTREAMS.length);
  const upstreams = Object.fromEntries(UPSTREAMS.map((name, i) => [name, echoes.ports[i]!]));
  const served = await serveSamples(all, upstreams);
  const outcomes: Record<string, number> = {};
  const differences: Difference[] = [];
  const left = all.flatMap(({ domain, questions }) => questions.map((question) => ({ domain, question })));
  try {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = left.pop(); next; next = left.pop()) {
          const { domain, question } = next;
          const actual = await observe(served, question, upstreams);
          const { expected, answer } = predict(served, question, actual);
          for (const kind of kindsOf(answer)) outcomes[kind] = (outcomes[kind] ?? 0) + 1;
          if (!same(expected, actual)) differences.push({ domain, question, expected, actual });
        }
      }),
    );
  } finally {
    await served.edge.close();
    echoes.close();
  }
  const { nacks } = served.edge;
  const of = (domain: string) => all.find((each) => each.domain === domain)!;
  return { pairs: all.length * asked, outcomes, differences, nacks, of };
}

/** Names the dimensions of which an explanation is an example. */
const kindsOf = (answer: Explanation): string[] => [
  answer.outcome,
  ...(answer.port === MESH_PORT ? [`${answer.outcome} in the mesh`] : []),
  ...(answer.outcome === 'matched' && answer.rule.via ? ['delegated'] : []),
];

export async function serveSamples(all: readonly Sample[], upstreams: Record<string, number>): Promise<Served> {
  const other = await freePort();
  const bound = { http: await freePort(), https: await freePort() };
  const mesh = await freePort();
  const served = await serving(
    {
      gateways: Object.assign({}, ...all.map(({ gateways }) => gateways)),
      routes: Object.assign({}, ...all.map(({ routes }) => routes)),
      upstreams: Object.fromEntries(
        Object.entries(upstreams).map(([name, port]) => [name, { port, endpoints: [{ address: '127.0.0.1' }] }]),
      ),
    },
    // Some requests are for a host that the certificate covers, on a connection for another.
    { c0: all.slice(0, 40).flatMap(({ domain }) => [`a.${domain}`, `*.a.${domain}`]), c1: ['other.test'] },
    {
      // Only a fleet of one tenant serves its mesh.
      tenant: TENANT,
      ports: [
        { number: 80, bind: bound.http, protocol: 'HTTP' },
        { number: 8080, bind: other, protocol: 'HTTP' },
        { number: 443, bind: bound.https, protocol: 'HTTPS' },
      ],
    },
    `127.0.0.1:${mesh}`,
  );
  return { ...served, ports: { ...bound, other, mesh } as Served['ports'] };
}

/** Compares the values as JSON, so that an undefined field equals a missing one. */
const same = (a: Observed, b: Observed): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));

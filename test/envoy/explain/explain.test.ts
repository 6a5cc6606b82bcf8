/**
 * Compares `explain` with a real Envoy: on literal cases, each of which once differed, and on generated configurations
 * and requests. `npm run drill -- explain` compares many more.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ClientRequest } from '../../../model/explain/explain.ts';
import { Rule } from '../../../model/route/rule.ts';
import { type Served, serving } from '../edge.ts';
import { type Observed, observe, predict } from './compare.ts';
import { startEchoes } from './echo.ts';
import { compareWithEnvoy } from './run.ts';

const PAIRS = Number(process.env.EXPLAIN_PAIRS ?? 1360);

interface Case {
  /** What the case shows. */
  about: string;
  /** Rules of the host `x.test`, and of every host below it. */
  http: unknown[];
  escapedSlashes?: 'keep' | 'redirect' | 'reject';
  requests: { ask: ClientRequest; expect: Partial<Observed> }[];
}
const FOLDER = join(import.meta.dirname, 'cases');
const cases: [name: string, Case][] = readdirSync(FOLDER).map((file) => [
  file.replace('.yaml', ''),
  parse(readFileSync(join(FOLDER, file), 'utf8')),
]);

describe('cases', () => {
  let served: Served;
  let echoes: Awaited<ReturnType<typeof startEchoes>>;
  const domain = (name: string) => `${name}.case.test`;

  beforeAll(async () => {
    echoes = await startEchoes(1);
    const hosts = (name: string) => [domain(name), `*.${domain(name)}`];
    const ports = { http: [80, 'HTTP'], https: [443, 'HTTPS'] } as const;
    served = await serving(
      {
        gateways: Object.fromEntries(
          cases.map(([name, { escapedSlashes }]) => [
            name,
            {
              selector: { ingress: 'public' },
              servers: Object.entries(ports).map(([port, [number, protocol]]) => ({
                port: { number, name: port, protocol },
                hosts: hosts(name),
                ...(escapedSlashes && { escapedSlashes }),
                ...(protocol === 'HTTPS' && { tls: { mode: 'SIMPLE' as const, credentialName: 'any' } }),
              })),
            },
          ]),
        ),
        routes: Object.fromEntries(
          cases.map(([name, { http }]) => [
            name,
            { hosts: hosts(name), gateways: [name], http: http.map((each) => Rule.parse(each)) },
          ]),
        ),
        upstreams: { echo: { port: echoes.ports[0]!, endpoints: [{ address: '127.0.0.1' }] } },
      },
      { any: ['any.test'] },
    );
  });
  afterAll(async () => {
    await served?.edge.close();
    echoes?.close();
  });

  test.each(cases)('%s', async (name, { requests }) => {
    const own = (text: string) =>
      text.replaceAll('x.test', domain(name)).replaceAll('X.test', domain(name).toUpperCase());
    for (const each of requests) {
      const { ask, expect: expected } = JSON.parse(own(JSON.stringify(each))) as typeof each;
      const scheme = ask.scheme ?? 'http';
      const question = { method: 'GET', path: '/', ...ask, scheme, port: scheme === 'https' ? 443 : 80 };
      const what = JSON.stringify(ask);
      const actual = await observe(served, question, { echo: echoes.ports[0]! });
      expect(actual, `Envoy: ${what}`).toMatchObject(expected);
      expect(predict(served, question, actual).expected, `explain: ${what}`).toMatchObject(expected);
    }
  });
});

test(`explain and Envoy give the same result on ${PAIRS} generated pairs of configuration and request`, async () => {
  const outcome = await compareWithEnvoy(PAIRS, Number(process.env.EXPLAIN_SEED ?? 31));
  const [first] = outcome.differences;
  expect(first && { ...first, configuration: outcome.of(first.domain) }).toBeUndefined();
  expect(outcome.nacks).toEqual([]);
  expect(outcome.pairs).toBeGreaterThanOrEqual(PAIRS);
  // Every outcome is compared.
  expect(Object.keys(outcome.outcomes)).toEqual(
    expect.arrayContaining([
      ...['matched', 'misdirected', 'not-found', 'redirect', 'refused', 'rejected'],
      ...['matched in the mesh', 'not-found in the mesh', 'delegated'],
    ]),
  );
});

/** On a real Envoy, the header that a rule reads, and that the upstream receives, is the header that explain names. */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClientRequest } from '../../../model/explain/explain.ts';
import { Rule } from '../../../model/route/rule.ts';
import { type Served, serving } from '../edge.ts';
import { observe, predict } from './compare.ts';
import { startEchoes } from './echo.ts';
import { HEADERS, NAMED } from './headers.ts';

const AT_ONCE = 8;
const names = [...HEADERS.keys()];
const hostOf = (name: string) => `h${names.indexOf(name)}.test`;
const route = [{ destination: { upstream: 'echo' } }];

/** Rules that tell apart one joined line, any line, and no line of the header. */
const rulesFor = (name: string): Rule[] =>
  [
    { match: [{ headers: { [name]: { exact: '1,2' } } }], route },
    { match: [{ headers: { [name]: { present: true } } }], route },
    { route },
  ]
    // No rule may read the headers of the gateway.
    .filter((rule) => Rule.safeParse(rule).success)
    .map((rule, index) =>
      Rule.parse({ ...rule, headers: { response: { set: { 'x-rule': `${ruleName(name)}/${index}` } } } }),
    );
const ruleName = (name: string) => `r${names.indexOf(name)}`;

let served: Served;
let echoes: Awaited<ReturnType<typeof startEchoes>>;

beforeAll(async () => {
  echoes = await startEchoes(1);
  served = await serving({
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: names.map(hostOf) }],
      },
    },
    routes: Object.fromEntries(
      names.map((name) => [ruleName(name), { hosts: [hostOf(name)], gateways: ['web'], http: rulesFor(name) }]),
    ),
    upstreams: { echo: { port: echoes.ports[0]!, endpoints: [{ address: '127.0.0.1' }] } },
  });
});
afterAll(async () => {
  await served?.edge.close();
  echoes?.close();
});

const plainRequest = { path: '/', method: 'GET', scheme: 'http', port: 80 } as const;

const asked = names.flatMap((name) =>
  HEADERS.get(name)!.map((value): ClientRequest => {
    const more = name === 'connection' ? NAMED : name === 'upgrade' ? { connection: 'upgrade' } : {};
    return {
      ...plainRequest,
      authority: hostOf(name),
      headers: { ...more, [name]: value },
    };
  }),
);

test('every header with every value', async () => {
  const differences: unknown[] = [];
  const upstreams = { echo: echoes.ports[0]! };
  // The body of the response to some upgrades differs for a host that is not loaded.
  for (const name of names) await observe(served, { ...plainRequest, authority: hostOf(name) }, upstreams);
  const left = [...asked];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let question = left.pop(); question; question = left.pop()) {
        const actual = await observe(served, question, upstreams);
        const { expected } = predict(served, question, actual);
        if (!isDeepStrictEqual(plain(expected), plain(actual)))
          differences.push({ headers: question.headers, expected, actual });
      }
    }),
  );
  expect(differences).toEqual([]);
}, 60_000);

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

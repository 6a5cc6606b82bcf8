/** Serves generated configurations of several tenants with one Envoy behind an agent, and compares it with `explain`. */

import { isDeepStrictEqual } from 'node:util';
import { combine, OwnerGateways } from '../../../model/binding/shared-gateway.ts';
import { Configuration } from '../../../model/configuration.ts';
import { explain } from '../../../model/explain/explain.ts';
import type { Fleet } from '../../../model/fleet.ts';
import { Feed } from '../../dataplane/feed.ts';
import { Authority } from '../../e2e/authority.ts';
import { until } from '../../e2e/process.ts';
import { freePort } from '../../e2e/stack.ts';
import type { Served } from '../edge.ts';
import { runBeside } from '../run-beside.ts';
import { expectedOf, type Observed, observe } from './compare.ts';
import { startEchoes } from './echo.ts';
import { type TenantQuestion, type World, worlds } from './generate/tenants.ts';
import { UPSTREAMS } from './generate/values.ts';

interface Difference {
  domain: string;
  question: TenantQuestion;
  why: Record<string, string>;
  expected: Record<string, Observed | undefined>;
  actual: Observed;
}

export interface TenantsOutcome {
  pairs: number;
  /** The number of explanations by outcome. */
  outcomes: Record<string, number>;
  differences: Difference[];
  nacks: unknown[];
  /** The configurations of a domain, for a report. */
  of(domain: string): World['documents'];
}

/** The number of concurrent requests. */
const AT_ONCE = 8;

/** @param asked requests per configuration */
export async function compareTenants(pairs: number, seed: number, asked = 16): Promise<TenantsOutcome> {
  const all = worlds(Math.ceil(pairs / asked), asked, seed);
  const echoes = await startEchoes(UPSTREAMS.length);
  const ports = Object.fromEntries(UPSTREAMS.map((name, i) => [name, echoes.ports[i]!]));
  const upstreams = Object.fromEntries(
    UPSTREAMS.map((name) => [name, { port: ports[name]!, endpoints: [{ address: '127.0.0.1' }] }]),
  );
  const authority = await Authority.create();
  const bound = { http: await freePort(), https: await freePort(), other: await freePort() };
  const fleet: Fleet = {
    name: 'public',
    labels: { ingress: 'public' },
    ports: [
      { number: 80, bind: bound.http, protocol: 'HTTP' },
      { number: 8080, bind: bound.other, protocol: 'HTTP' },
      { number: 443, bind: bound.https, protocol: 'HTTPS' },
    ],
  };
  const feed = await Feed.start({ ...fleet, address: '127.0.0.1' });
  const client = await authority.issue('client.test');
  let last = 0;
  const configurations = new Map<string, ReadonlyMap<string, Configuration>>();
  for (const world of all) {
    const pairsOf = await Promise.all(world.certified.map((names) => authority.issue(...names)));
    const certificates = Object.fromEntries(
      pairsOf.map(({ certificateChain }, index) => [`c${index}`, { certificateChain }]),
    );
    const keys = Object.fromEntries(pairsOf.map(({ privateKey }, index) => [`c${index}`, privateKey]));
    const plain = new Map<string, Configuration>();
    for (const [tenant, document] of Object.entries(world.documents)) {
      const own = {
        ...(tenant === world.owner && { certificates, trustBundles: { clients: { certificates: authority.pem } } }),
      };
      const whole = { ...document, ...own, upstreams };
      const attached = tenant === world.guest ? world.attached.map((host) => `${world.owner}/${host}`) : [];
      last = feed.tell(tenant, whole, keys, attached);
      const names = tenant === world.owner ? world.certified : [];
      plain.set(
        tenant,
        names.reduce(
          (configuration, dnsNames, index) =>
            configuration.with('certificate', `c${index}`, certificates[`c${index}`]!, { ...UNREAD, dnsNames }),
          Configuration.fromDocument(whole),
        ),
      );
    }
    configurations.set(world.domain, combined(world, plain, fleet));
  }
  const envoy = await runBeside(feed.folder, fleet.name);
  const differences: Difference[] = [];
  const outcomes: Record<string, number> = {};
  const served = { ports: bound as Served['ports'], authority, client };
  try {
    await until('the configurations to be live', () => (feed.nodes[0]?.live ?? 0) >= last, 60_000);
    const left = all.flatMap(({ domain, questions }) => questions.map((question) => ({ domain, question })));
    const next = async (): Promise<void> => {
      for (let each = left.pop(); each; each = left.pop()) {
        const { domain, question } = each;
        const actual = await observe(served, question, ports);
        const found = predictions(configurations.get(domain)!, fleet, question, actual);
        for (const { outcome } of found) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        const isRight = found.every(({ tenant, outcome, expected }) =>
          outcome === 'other-tenant' ? !actual.rule?.startsWith(`${tenant}/`) : same(expected!, actual),
        );
        if (isRight && found.some(({ outcome }) => outcome !== 'other-tenant')) continue;
        const by = <T>(value: (each: (typeof found)[number]) => T) =>
          Object.fromEntries(found.map((one) => [one.tenant, value(one)]));
        differences.push({
          domain,
          question,
          why: by(({ outcome, why }) => `${outcome}: ${why}`),
          expected: by(({ expected }) => expected),
          actual,
        });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  } finally {
    await envoy.stop();
    await feed.stop();
    echoes.close();
  }
  const nacks = feed.nodes.flatMap((node) => [...node.rejections, ...(node.listenerRejections ?? [])]);
  const of = (domain: string) => all.find((each) => each.domain === domain)!.documents;
  return { pairs: all.length * asked, outcomes, differences, nacks, of };
}

/** Makes the combined configurations of the tenants, as the agent does. */
function combined(
  { owner, guest, attached }: World,
  plain: ReadonlyMap<string, Configuration>,
  fleet: Fleet,
): ReadonlyMap<string, Configuration> {
  return new Map(
    [...plain].map(([tenant, configuration]) => [
      tenant,
      combine(
        configuration,
        tenant,
        [...plain]
          .filter(([other]) => other !== tenant)
          .map(([other, of]) => ({
            gateways: new OwnerGateways(of, other, fleet),
            hosts: tenant === guest && other === owner ? attached : [],
          })),
      ),
    ]),
  );
}

/** Explains a request to each tenant. */
const predictions = (
  configurations: ReadonlyMap<string, Configuration>,
  fleet: Fleet,
  question: TenantQuestion,
  actual: Observed,
) =>
  [...configurations].map(([tenant, configuration]) => {
    const neighbours = [...configurations]
      .filter(([other]) => other !== tenant)
      .map(([other, of]) => ({ tenant: other, configuration: of }));
    const headers = { connection: 'close', ...question.headers };
    const answer = explain(configuration, tenant, fleet, { ...question, headers }, { neighbours });
    const { outcome, why } = answer;
    const expected = outcome === 'other-tenant' ? undefined : expectedOf(answer, actual, tenant);
    return { tenant, outcome, why, expected };
  });

const UNREAD = { fingerprintSha256: '', publicKeySha256: '', notBefore: '', notAfter: '', keyType: '' };

const same = (a: Observed, b: Observed): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));

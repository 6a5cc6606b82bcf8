/** Generates configurations of one tenant, and requests for them. */
import fc from 'fast-check';
import type { ClientRequest } from '../../../../model/explain/explain.ts';
import { Gateway } from '../../../../model/kinds/gateway.ts';
import { Route } from '../../../../model/kinds/route.ts';
import { MESH } from '../../../../model/values/reference.ts';
import { delegation, withDelegation } from './delegation.ts';
import { question, questionOf } from './requests.ts';
import { rule } from './rules.ts';
import { BINDINGS, maybe, of } from './values.ts';

export interface Sample {
  /** Its own domain: all samples share one Envoy. */
  domain: string;
  gateways: Record<string, Gateway>;
  routes: Record<string, Route>;
  questions: ClientRequest[];
}

const PORTS = { 80: 'HTTP', 8080: 'HTTP', 443: 'HTTPS' } as const;
const hosts = fc.uniqueArray(of('a', 'b', '*', 'a.a', '*.a'), { minLength: 1, maxLength: 3 });
const configuration = fc.record({
  gateways: fc.tuple(...[0, 1].map(() => fc.record({ 80: maybe(hosts, 5), 8080: maybe(hosts), 443: maybe(hosts, 5) }))),
  escapedSlashes: of('keep', 'redirect', 'reject', undefined),
  routes: fc.array(
    fc.record({
      hosts,
      gateways: fc.oneof(
        { arbitrary: fc.subarray(['g0', 'g1'], { minLength: 1 }), weight: 1 },
        { arbitrary: fc.subarray(['g0', 'g1', MESH], { minLength: 1 }), weight: 2 },
        { arbitrary: fc.subarray([...BINDINGS], { minLength: 1 }), weight: 1 },
      ),
      order: of(undefined, undefined, 'written' as const, 'specific' as const, 'specific' as const),
      http: fc.array(rule, { minLength: 1, maxLength: 4 }),
      delegation,
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

const within = (names: readonly string[], domain: string) => names.map((name) => `${name}.${domain}`);

/** @param asked requests per configuration */
export function samples(count: number, asked: number, seed: number): Sample[] {
  const all = fc.record({ configuration, questions: fc.array(question, { minLength: asked, maxLength: asked }) });
  return fc.sample(all, { numRuns: count, seed }).map(({ configuration, questions }, n) => {
    const domain = `s${n}.test`;
    const { escapedSlashes } = configuration;
    const named = (text: string) => text.replace(/^g\d/, (gateway) => `${gateway}-${n}`);
    const servers = (ports: Record<string, string[] | undefined>, index: number) =>
      Object.entries(PORTS).flatMap(([number, protocol]) => {
        // Each gateway has at least one server.
        const names =
          ports[number] ?? (number === '80' && Object.values(ports).every((each) => !each) ? ['a'] : undefined);
        if (!names) return [];
        const tls = protocol === 'HTTPS' && { tls: { mode: 'SIMPLE', credentialName: `c${(n + index) % 2}` } };
        return [
          {
            port: { number: Number(number), name: `p${number}`, protocol },
            hosts: within(names, domain),
            escapedSlashes,
            ...tls,
          },
        ];
      });
    const gateways = configuration.gateways.map((ports, index) => [
      `g${index}-${n}`,
      Gateway.parse({ selector: { ingress: 'public' }, servers: servers(ports, index) }),
    ]);
    const routes = configuration.routes.flatMap(({ hosts, gateways, order, http, delegation }, index) => {
      const name = `r${index}-${n}`;
      const isChild = index > 0 && delegation.isChild;
      const marked = http.map((each, rule) => ({
        ...each,
        ...(each.match && {
          match: each.match.map(({ gateways: through = [], ...condition }) => {
            const own = (through as string[]).filter(
              (text) => !isChild && gateways.some((each) => each === text || each === text.split(':')[0]),
            );
            return { ...condition, ...(own.length > 0 && { gateways: own.map(named) }) };
          }),
        }),
        headers: {
          ...each.headers,
          response: { ...each.headers.response, set: { ...each.headers.response?.set, 'x-rule': `${name}/${rule}` } },
        },
      }));
      const parsed = Route.safeParse({
        ...(isChild
          ? { parents: ['*'] }
          : { hosts: within(hosts, domain), gateways: (gateways as string[]).map(named) }),
        order,
        http: withDelegation(marked, delegation, (to) => `r${to}-${n}`),
      });
      // A route that the schema rejects is left out.
      return parsed.success ? [[name, parsed.data]] : [];
    });
    return {
      domain,
      gateways: Object.fromEntries(gateways),
      routes: Object.fromEntries(routes),
      questions: questions.map((each) => questionOf(each, domain)),
    };
  });
}

/** Compares generated configurations. Each witness shows a difference, and a change without effect has no witness. */
import { expect, test } from 'vitest';
import { Configuration } from '../../../model/configuration.ts';
import { diff } from '../../../model/diff.ts';
import { answerChanges, LIMITS } from '../../../model/explain/answer-changes.ts';
import { explain } from '../../../model/explain/explain.ts';
import type { Route } from '../../../model/kinds/route.ts';
import { withoutPauses } from '../../../model/pausable.ts';
import { samples } from '../../envoy/explain/generate/samples.ts';

const FLEET = {
  name: 'shared',
  labels: { ingress: 'public' },
  ports: [
    { number: 80, bind: 10_080, protocol: 'HTTP' as const },
    { number: 8080, bind: 18_080, protocol: 'HTTP' as const },
    { number: 443, bind: 10_443, protocol: 'HTTPS' as const },
  ],
};
const upstreams = Object.fromEntries(
  ['e0', 'e1'].map((name) => [name, { port: 80, endpoints: [{ address: '10.0.0.1' }] }]),
);
const compare = (before: Configuration, after: Configuration, limits = LIMITS) =>
  withoutPauses(
    answerChanges({ before, after, differences: diff(before, after), tenant: 'acme', fleets: [FLEET] }, limits),
  );
/** Returns pairs of configurations for the same hosts. The second of a pair is a change of the first. */
const pairs = (count: number) => {
  const configurations = samples(count * 2, 1, 5).map((sample, n) => {
    const text = JSON.stringify({ gateways: sample.gateways, routes: sample.routes, upstreams });
    return Configuration.fromDocument(JSON.parse(text.replaceAll(new RegExp(`([-s])${n}\\b`, 'g'), '$10')));
  });
  return Array.from({ length: count }, (_, n) => [configurations[2 * n]!, configurations[2 * n + 1]!] as const);
};

test('the two answers to a witness differ, and are those of explain', () => {
  let found = 0;
  for (const [before, after] of pairs(30)) {
    for (const { witness, ...change } of compare(before, after).changes) {
      const [was, is] = [before, after].map((each) => explain(each, 'acme', FLEET, witness));
      expect([was, is]).toEqual([change.before, change.after]);
      expect(was).not.toEqual(is);
      found++;
    }
  }
  expect(found).toBeGreaterThan(60);
});

test('an unchanged configuration and renamed routes have no witness', () => {
  for (const [before] of pairs(30)) {
    expect(compare(before, before).changes).toEqual([]);
    const document = before.document();
    const routes = JSON.stringify(document.routes).replaceAll(/("delegate":{"route":"[^"]+)/g, '$1-too');
    const named = Object.entries<Route>(JSON.parse(routes)).map(([name, route]) => [`${name}-too`, route]);
    const renamed = Configuration.fromDocument({ ...document, routes: Object.fromEntries(named) });
    expect(compare(before, renamed).changes).toEqual([]);
  }
});

test('a limit ends the search, and the result is not complete', () => {
  const [before, after] = pairs(1)[0]!;
  const few = compare(before, after, { ...LIMITS, requests: 3 });
  expect([few.compared, few.complete]).toEqual([3, false]);
});

test('the limit on pauses ends the search for patterns that are slow to match', () => {
  const serving = (body: string) =>
    Configuration.fromDocument({
      gateways: {
        edge: {
          selector: FLEET.labels,
          servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts: ['a.test'] }],
        },
      },
      routes: {
        r: {
          hosts: ['a.test'],
          gateways: ['edge'],
          http: Array.from({ length: 50 }, (_, n) => ({
            match: [{ uri: { regex: `/.*a.{900}b.{9}${n}` } }],
            directResponse: { status: 200, body },
          })),
        },
      },
    });
  const found = compare(serving('1'), serving('2'), { ...LIMITS, pauses: 300 });
  expect(found.complete).toBe(false);
});

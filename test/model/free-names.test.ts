/** Names that every object inherits, such as `constructor`, are names like others. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as compile from '../../dataplane/compile/index.ts';
import { RouteConfiguration } from '../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import { scopeTable } from '../../model/binding/scope-table.ts';
import { admissionsOf } from '../../model/binding/server-hosts.ts';
import type { ForeignServer } from '../../model/binding/shared-gateway.ts';
import { check } from '../../model/check/index.ts';
import { Configuration, ConfigurationDocument } from '../../model/configuration.ts';
import { diff } from '../../model/diff.ts';
import { answerChanges, LIMITS } from '../../model/explain/answer-changes.ts';
import { type ClientRequest, explain } from '../../model/explain/explain.ts';
import type { Fleet } from '../../model/fleet.ts';
import { withoutPauses } from '../../model/pausable.ts';
import * as encode from '../xds/encode.ts';
import { document, names, ordinaryNames, question, renamed, written } from './free-names.ts';

const TENANT = 'acme';
const fleet: Fleet = {
  name: 'own',
  tenant: TENANT,
  labels: { ingress: 'public' },
  ports: [{ number: 80, bind: 10_080, protocol: 'HTTP' }],
};
const samples = fc.record({ names, documents: fc.tuple(document, document), questions: fc.array(question) });

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** Everything that the model and the compiler say about two configurations. */
function all([before, after]: Configuration[], questions: readonly ClientRequest[]) {
  const differences = diff(before!, after!);
  const comparison = { before: before!, after: after!, differences, tenant: TENANT, fleets: [fleet] };
  const changes = answerChanges(comparison, { ...LIMITS, changes: 3, requests: 20 });
  const clusters = after!.names('upstream').map((name) => `${TENANT}/${name}`);
  return {
    documents: [before!.document(), after!.document()],
    checked: [check(before!), check(after!)],
    explained: questions.map((each) => explain(after!, TENANT, fleet, each)),
    differences,
    changes: withoutPauses(changes),
    routes: scopeTable(after!, TENANT, fleet).scopes.map(({ port, host }) =>
      text(RouteConfiguration.encode(compile.routeConfiguration(after!, TENANT, fleet, port, host).message).finish()),
    ),
    clusters: clusters.map((name) => text(encode.cluster(compile.cluster(after!, TENANT, fleet, name).message).body)),
    endpoints: clusters.map((name) => text(encode.endpoints(compile.endpoints(after!, fleet, name)!).body)),
  };
}

test('checks, explain, diff and the compiler treat them as ordinary names', () => {
  fc.assert(
    fc.property(samples, ({ names, documents, questions }) => {
      const [odd, usual] = [names, ordinaryNames(names)].map((each) =>
        all(
          documents.map((one) => Configuration.fromDocument(ConfigurationDocument.parse(written(one, each)))),
          written(questions, each),
        ),
      );
      expect(JSON.stringify(odd)).toBe(JSON.stringify(renamed(usual, names)));
    }),
    { numRuns: 40, seed: 1, endOnFailure: true },
  );
});

test('no name is looked up where objects inherit', () => {
  const found: string[] = [];
  const traps = { dns: 'trap-dns', label: 'trap-label', free: 'trap-free' };
  for (const name of Object.values(traps))
    Object.defineProperty(Object.prototype, name, {
      configurable: true,
      get: () => void found.push(`${name} ${new Error().stack!.split('\n')[2]!.trim()}`),
      // An assignment makes a member of the object itself, as usual.
      set(value) {
        Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
      },
    });
  try {
    for (const { documents, questions } of fc.sample(samples, { numRuns: 10, seed: 1 })) {
      const both = documents.map((one) => Configuration.fromDocument(ConfigurationDocument.parse(written(one, traps))));
      all(both, written(questions, traps));
    }
  } finally {
    for (const name of Object.values(traps)) delete (Object.prototype as Record<string, unknown>)[name];
  }
  expect([...new Set(found)]).toEqual([]);
});

const served = (http: object[], ...hosts: string[]) =>
  Configuration.fromDocument(
    ConfigurationDocument.parse({
      gateways: {
        edge: {
          selector: fleet.labels,
          servers: [
            { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: hosts.length > 0 ? hosts : ['a.test'] },
          ],
        },
      },
      routes: { r: { hosts: ['a.test'], gateways: ['edge'], http } },
    }),
  );

test('diff sends a header that a pattern in withoutHeaders excludes when it is missing', () => {
  const [before, after] = ['a', 'b'].map((body) =>
    served([{ match: [{ withoutHeaders: { constructor: { regex: 'x*' } } }], directResponse: { status: 200, body } }]),
  );
  const differences = diff(before!, after!);
  const found = answerChanges({ before: before!, after: after!, differences, tenant: TENANT, fleets: [fleet] });
  expect(withoutPauses(found).changes).toMatchObject([{ witness: { headers: { constructor: 'gatehouse-other' } } }]);
});

test('a host of another tenant has the server names that its owner gives it', () => {
  const configuration = served([{ directResponse: { status: 200 } }], 'a.test', 'constructor');
  const gateway = configuration.get('gateway', 'edge')!;
  const names = { own: ['a.test'], other: [] };
  const server: ForeignServer = { ...gateway.servers[0]!, connections: { 'a.test': names } };
  const shared = configuration.with('gateway', 'edge', { ...gateway, servers: [server] });
  const admissions = admissionsOf(shared, TENANT, fleet).get(80)!;
  expect(['a.test', 'constructor'].map((host) => admissions.get(host)!.connections)).toEqual([names, undefined]);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../api/store/store.ts';
import type { Kind } from '../../model/kinds/index.ts';
import { audit, byKey, commit, committed, type Database, tenant } from './fixtures.ts';

// One seed: a failure today is a failure tomorrow.
const runs = { seed: 20261123, numRuns: 40 };

const kinds: Kind[] = ['gateway', 'route', 'upstream', 'certificate'];
const key = fc.tuple(fc.constantFrom(...kinds), fc.constantFrom('a', 'b', 'c'));
/** One revision: for each resource it touches, a spec, or null for a delete. */
const revision = fc.dictionary(
  key.map(([kind, name]) => `${kind}/${name}`),
  fc.option(fc.record({ v: fc.jsonValue({ maxDepth: 2 }) }, { requiredKeys: ['v'] })),
  { maxKeys: 12 },
);

function change(edits: Record<string, object | null>) {
  const all = Object.entries(edits).map(([id, spec]) => {
    const [kind, name] = id.split('/') as [Kind, string];
    return { kind, name, spec };
  });
  return {
    puts: all.flatMap(({ kind, name, spec }): [Kind, string, object][] => (spec ? [[kind, name, spec]] : [])),
    deletes: all.flatMap(({ kind, name, spec }): [Kind, string][] => (spec ? [] : [[kind, name]])),
  };
}

/** JSON keeps no `-0` and no order: what was written, as it reads back. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value));

const label = fc.constantFrom('a', 'b', 'a-b', 'aa');
const host = fc
  .tuple(fc.boolean(), fc.array(label, { minLength: 1, maxLength: 3 }))
  .map(([wild, labels]) => [...(wild ? ['*'] : []), ...labels, 'test'].join('.'));

/** The definition of an overlap, told apart from how the store finds it: some name matches both. */
function overlaps(a: string, b: string): boolean {
  const samples = (pattern: string) => (pattern.startsWith('*.') ? [`x${pattern.slice(1)}`] : [pattern]);
  const matches = (pattern: string, name: string) =>
    pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1 : name === pattern;
  return samples(a).some((name) => matches(b, name)) || samples(b).some((name) => matches(a, name));
}

async function withStore(open: () => Promise<Database>, run: (store: Store) => Promise<void>): Promise<void> {
  const database = await open();
  try {
    await run(database.store);
  } finally {
    await database.drop();
  }
}

export function describeProperties(open: () => Promise<Database>): void {
  describe('for any history', () => {
    test('the snapshot at every revision, and the changes between any two, are what a model in memory has', async () => {
      const property = fc.asyncProperty(fc.array(revision, { maxLength: 8 }), (revisions) =>
        withStore(open, async (store) => {
          await store.tenants.create(tenant('acme'), audit);
          const model: Record<string, object>[] = [{}];
          for (const [i, edits] of revisions.entries()) {
            await committed(store, commit('acme', i + 1, change(edits)));
            const next = { ...model[i] };
            for (const [id, spec] of Object.entries(edits)) {
              if (spec) next[id] = plain(spec);
              else delete next[id];
            }
            model.push(next);
          }

          for (const [number, expected] of model.entries()) {
            expect(byKey(await store.configuration.resources('acme', number))).toEqual(expected);
          }
          expect(byKey(await store.configuration.resources('acme'))).toEqual(model.at(-1));
          for (let from = 0; from < model.length; from++) {
            for (let to = from; to < model.length; to++) {
              const { puts, deletes } = await store.configuration.changes('acme', from, to);
              const replayed = { ...model[from], ...byKey(puts) };
              for (const { kind, name } of deletes) delete replayed[`${kind}/${name}`];
              expect(replayed).toEqual(model[to]);
            }
          }
        }),
      );
      await fc.assert(property, runs);
    });

    test('claims of different tenants never overlap, and are refused only when they would', async () => {
      const tenants = ['a', 'b', 'c'];
      const claim = fc.record({
        by: fc.constantFrom(...tenants),
        add: fc.uniqueArray(host, { maxLength: 3 }),
        release: fc.boolean(),
      });
      const property = fc.asyncProperty(fc.array(claim, { maxLength: 14 }), (claims) =>
        withStore(open, async (store) => {
          const held = new Map(tenants.map((name) => [name, { revision: 0, hosts: new Set<string>() }]));
          for (const name of tenants) await store.tenants.create(tenant(name), audit);

          for (const { by, add, release } of claims) {
            const own = held.get(by)!;
            const others = [...held].filter(([name]) => name !== by).flatMap(([, { hosts }]) => [...hosts]);
            const clashing = add.filter((asked) => others.some((other) => overlaps(asked, other)));
            const remove = release ? [...own.hosts].filter((owned) => !add.includes(owned)) : [];
            const outcome = await store.commits.write(commit(by, own.revision + 1, { add, remove }));
            if (clashing.length > 0) {
              expect(outcome).toEqual({ ok: false, conflict: 'host', hosts: clashing });
              continue;
            }
            expect(outcome.ok).toBe(true);
            own.revision++;
            for (const gone of remove) own.hosts.delete(gone);
            for (const added of add) own.hosts.add(added);
          }
        }),
      );
      await fc.assert(property, { ...runs, numRuns: 120 });
    });
  });
}

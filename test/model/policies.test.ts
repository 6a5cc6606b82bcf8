import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { effective, levels, type Settings } from '../../model/policies/effective.ts';
import { policiesField } from '../../model/policies/field.ts';
import { definePolicy } from '../../model/policies/policy.ts';

const limit = definePolicy({ kind: 'limit', schema: z.strictObject({ requests: z.int() }), overOtherTenant: 'cannot' });
const cors = definePolicy({
  kind: 'cors',
  schema: z.strictObject({ origins: z.array(z.string()) }),
  overOtherTenant: 'replaces',
});
const definitions = [limit, cors] as const;

describe('the field `policies`', () => {
  const schema = z.strictObject({ name: z.string(), ...policiesField(definitions) });

  test('accepts each kind of policy, and rejects unknown kinds', () => {
    const written = { name: 'a', policies: { limit: { requests: 3 } } };
    expect(schema.parse(written)).toEqual(written);
    expect(schema.parse({ name: 'a' })).toEqual({ name: 'a' });
    expect(schema.safeParse({ name: 'a', policies: { limits: {} } }).success).toBe(false);
    expect(schema.safeParse({ name: 'a', policies: { limit: { requests: 'many' } } }).error?.issues[0]?.path).toEqual([
      'policies',
      'limit',
      'requests',
    ]);
  });

  test('does not exist if there is no kind of policy', () => {
    expect(policiesField([])).toEqual({});
    const without = z.strictObject({ name: z.string(), ...policiesField([]) });
    expect(without.safeParse({ name: 'a', policies: {} }).success).toBe(false);
  });
});

describe('the levels of policies', () => {
  type Written = Settings<typeof definitions>;
  const values = {
    limit: fc.option(fc.record({ requests: fc.integer() }), { nil: undefined }),
    cors: fc.option(fc.record({ origins: fc.array(fc.string()) }), { nil: undefined }),
  };
  const setting = fc.record(
    {
      kind: fc.constantFrom('gateway' as const, 'route' as const),
      name: fc.constantFrom('own', 'shop'),
      path: fc.constantFrom('', '/http/0', '/servers/1'),
      policies: fc.option(fc.record(values, { requiredKeys: [] }), { nil: undefined }),
    },
    { requiredKeys: ['kind', 'name', 'path'] },
  );
  const written = fc.record(
    { rule: setting, route: setting, parent: fc.array(setting, { maxLength: 4 }), server: setting, gateway: setting },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Written>;

  test('the policy of the nearest level applies as a whole, with its source', () => {
    fc.assert(
      fc.property(written, (settings) => {
        const found = effective(definitions, settings);
        const all = levels.flatMap((level) =>
          (level === 'parent' ? (settings.parent ?? []) : [settings[level]]).map((each) => ({ level, ...each })),
        );
        for (const { kind } of definitions) {
          const nearest = all.find(({ policies }) => policies?.[kind] !== undefined);
          const policy = found.find((each) => each.kind === kind);
          if (nearest === undefined) {
            expect(policy).toBeUndefined();
            continue;
          }
          const { level, policies, kind: resource, name, path } = nearest;
          expect(policy?.spec).toBe(policies![kind]);
          expect(policy?.source).toEqual({ level, kind: resource, name, path: `${path}/policies/${kind}` });
        }
      }),
      { seed: 1 },
    );
  });

  test.for([
    // The tenant of the rule, of the parent and of the gateway, and the level whose limit applies.
    ['', '', '', 'rule'],
    ['', '', 'platform/', 'gateway'],
    ['goods/', '', '', 'parent'],
    ['goods/', '', 'platform/', 'gateway'],
    ['goods/', 'goods/', 'platform/', 'gateway'],
  ] as const)(
    'what another tenant has set: a rule of "%s", a parent of "%s", a gateway of "%s"',
    ([of, from, at, level]) => {
      const limited = (kind: 'route' | 'gateway', name: string, path = '') => ({
        ...{ kind, name, path },
        policies: { limit: { requests: 1 }, cors: { origins: [] } },
      });
      const rule = limited('route', `${of}r`, '/http/0');
      const parent = [limited('route', `${from}p`, '/http/0')];
      const found = effective(definitions, { rule, parent, gateway: limited('gateway', `${at}g`) });
      expect(found.map(({ kind, source }) => [kind, source.level])).toEqual([
        ['limit', level],
        ['cors', 'rule'],
      ]);
      // Where the others set nothing, the nearest one of those that do applies.
      const bare = { kind: 'gateway', name: `${at}g`, path: '' } as const;
      const [limit] = effective([definitions[0]], { rule, parent, gateway: bare });
      expect(limit!.source.level).toBe(of === from ? 'rule' : 'parent');
    },
  );

  test('a policy of another level or another kind does not change the result', () => {
    fc.assert(
      fc.property(written, setting as fc.Arbitrary<NonNullable<Written['gateway']>>, (settings, gateway) => {
        const before = effective(definitions, settings);
        const after = effective(definitions, { ...settings, gateway });
        const isNearer = ({ source }: { source: { level: string } }) => source.level !== 'gateway';
        expect(after.filter(isNearer)).toEqual(before.filter(isNearer));
        const alone = settings as Settings<readonly [typeof cors]>;
        expect(effective([cors] as const, alone)).toEqual(before.filter(({ kind }) => kind === 'cors'));
      }),
      { seed: 1 },
    );
  });
});

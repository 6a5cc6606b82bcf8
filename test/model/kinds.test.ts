import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { Configuration } from '../../model/configuration.ts';
import { type Kind, kindIds, kinds, oneOf, pluralOf, refersTo, secretFieldsOf } from '../../model/kinds/index.ts';
import { destinationsOf } from '../../model/route/destinations.ts';
import { formatReference, parseReference } from '../../model/values/reference.ts';

/** Lists the fields of an object schema. For a preprocessed schema, lists the fields of its result. */
function membersOf(schema: z.ZodType): string[] {
  // `$ZodTypes` is the union of all schema types.
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  if (def.type === 'pipe') return membersOf(def.out as z.ZodType);
  return def.type === 'object' ? Object.keys(def.shape) : [];
}

describe.each(kindIds)('the kind %s', (kind) => {
  it('has the same fields in reads and writes, except for its secrets', () => {
    const { schema, input } = kinds[kind];
    const stored = membersOf(schema);
    expect(stored).not.toEqual([]);
    expect(membersOf(input).filter((member) => !stored.includes(member))).toEqual(secretFieldsOf(kind));
  });

  // The replica stores one secret per resource, and `secretIn` of the feed reads one.
  it('has at most one secret', () => expect(secretFieldsOf(kind).length).toBeLessThanOrEqual(1));

  it('has a selector if its resources select fleets', () => {
    const { delivery, schema } = kinds[kind];
    expect(delivery !== 'selected' || membersOf(schema).includes('selector')).toBe(true);
  });

  it('has labels, so that lists can filter by them', () => expect(membersOf(kinds[kind].schema)).toContain('labels'));

  it('is a member of every document', () => expect(Configuration.empty.document()).toHaveProperty(pluralOf(kind), {}));
});

it('the ids and plurals of kinds are unique', () => {
  const names = kindIds.flatMap((kind) => [kind, pluralOf(kind)]);
  expect(new Set(names).size).toBe(names.length);
});

it('a misspelt kind does not compile, because a kind is a literal type', () => {
  expectTypeOf<Kind>().not.toEqualTypeOf<string>();
});

describe('a reference', () => {
  it.each([
    ['reviews', { name: 'reviews' }],
    ['platform/public', { tenant: 'platform', name: 'public' }],
  ])('%s is parsed, and formatted to the same text', (text, reference) => {
    expect(parseReference(text)).toEqual(reference);
    expect(formatReference(reference)).toBe(text);
  });

  it.each(['/public', 'a/b/c', 'platform/'])('in another form (%s) is rejected by every schema', (text) => {
    const gateways = kinds.route.schema.safeParse({ hosts: ['*'], gateways: [text], http: [rule(text)] });
    expect(gateways.error?.issues.map(({ path }) => path.join('/'))).toEqual([
      'gateways/0',
      'http/0/route/0/destination/upstream',
    ]);
  });

  it('to another tenant is accepted for a gateway only', () => {
    const text = 'platform/public';
    const gateways = kinds.route.schema.safeParse({ hosts: ['*'], gateways: [text], http: [rule(text)] });
    expect(gateways.error?.issues.map(({ path }) => path.join('/'))).toEqual(['http/0/route/0/destination/upstream']);
  });

  it('to a resource of another tenant finds no resource in this configuration', () => {
    const spec = { port: 80, endpoints: [] };
    const configuration = Configuration.of([{ kind: 'upstream', name: 'app', spec }]);
    expect(configuration.find({ kind: 'upstream', name: 'app' })).toBe(spec);
    expect(configuration.find({ kind: 'upstream', tenant: 'other', name: 'app' })).toBeUndefined();
  });
});

const rule = (...upstreams: string[]) => ({
  route: upstreams.map((upstream) => ({ destination: { upstream }, weight: 1 })),
});

describe('the destinations of a route', () => {
  const route = {
    hosts: ['*'],
    gateways: ['web'],
    http: [rule('a'), { directResponse: { status: 204 } }, rule('b', 'c')],
  };

  it('are listed rule by rule, each with its pointer and use', () => {
    expect(destinationsOf(route).map(({ path, use, upstream: { name } }) => `${use} ${name} ${path}`)).toEqual([
      'route a /http/0/route/0/destination',
      'route b /http/2/route/0/destination',
      'route c /http/2/route/1/destination',
    ]);
  });

  it('are the references of the route, together with its gateways', () => {
    expect(refersTo('route', route).map(({ kind, name, path }) => `${kind} ${name} ${path}`)).toEqual([
      'gateway web /gateways/0',
      'upstream a /http/0/route/0/destination/upstream',
      'upstream b /http/2/route/0/destination/upstream',
      'upstream c /http/2/route/1/destination/upstream',
    ]);
  });
});

it('names each kind with its article', () => {
  expect(kindIds.map(oneOf)).toEqual(['a gateway', 'a route', 'an upstream', 'a certificate', 'a trustBundle']);
});

import { expect, it } from 'vitest';
import { configuration } from '../../demo/bookinfo/configuration.ts';
import { FIRST_PORT, portsFrom } from '../../demo/bookinfo/ports.ts';
import { kindIds, kinds, pluralOf } from '../../model/kinds/index.ts';

const document: Record<string, Record<string, unknown>> = configuration({
  ...{ ports: portsFrom(FIRST_PORT), host: 'demo.gatehouse.localhost', gateway: 'platform/public' },
});

it('the demo has routes and upstreams, and shares a gateway', () => {
  expect(Object.keys(document).sort()).toEqual(['routes', 'upstreams']);
});

const shown = kindIds.filter((kind) => document[pluralOf(kind)]);
it.each(shown)('every %s of the demo keeps to the schema', (kind) => {
  const specs = Object.values(document[pluralOf(kind)]!);
  expect(specs).not.toHaveLength(0);
  for (const spec of specs) expect(kinds[kind].input.safeParse(spec).error).toBeUndefined();
});

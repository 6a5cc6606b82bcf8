import { expect, it } from 'vitest';
import { configuration } from '../../demo/bookinfo/configuration.ts';
import { kindIds, kinds, pluralOf } from '../../model/kinds/index.ts';

const document: Record<string, Record<string, unknown>> = configuration({
  certificate: { certificateChain: '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n', privateKey: '' },
});

it('the demo has gateways, routes, upstreams and a certificate', () => {
  expect(Object.keys(document).sort()).toEqual(['certificates', 'gateways', 'routes', 'upstreams']);
});

const shown = kindIds.filter((kind) => kind !== 'certificate' && document[pluralOf(kind)]);
it.each(shown)('every %s of the demo keeps to the schema', (kind) => {
  const specs = Object.values(document[pluralOf(kind)]!);
  expect(specs).not.toHaveLength(0);
  for (const spec of specs) expect(kinds[kind].input.safeParse(spec).error).toBeUndefined();
});

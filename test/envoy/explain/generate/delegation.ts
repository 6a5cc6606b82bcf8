/** Generates delegation between the routes of a configuration. */
import fc from 'fast-check';
import { fewer } from './conditions.ts';
import { maybe, of } from './values.ts';

/** How a route takes part in delegation. */
export const delegation = fc.record({
  /** Whether other routes may delegate to it. It has no hosts then. */
  isChild: fc.boolean(),
  /** The rule that delegates, and the route to which it does: 0 is the first route of the sample. */
  delegates: maybe(
    fc.record({
      rule: fc.nat(1),
      to: of(1, 1, 2, 0),
      match: maybe(
        fc.array(fc.oneof(fc.record({ uri: fc.record({ pathPrefix: of('/', '/a', '/b', '/1') }) }), fewer), {
          minLength: 1,
          maxLength: 2,
        }),
      ),
    }),
    2,
  ),
});
type Delegation = typeof delegation extends fc.Arbitrary<infer D> ? D : never;

/** Replaces a rule by one that delegates. @param nameOf returns the name of a route of the sample */
export const withDelegation = <R extends object>(
  http: readonly R[],
  { delegates }: Pick<Delegation, 'delegates'>,
  nameOf: (index: number) => string,
): object[] =>
  http.map((each, index) =>
    delegates && index === delegates.rule % http.length
      ? { ...(delegates.match && { match: delegates.match }), delegate: { route: nameOf(delegates.to) } }
      : each,
  );

/** Values that the generators share. */
import fc from 'fast-check';
import { MESH } from '../../../../model/values/reference.ts';

/** Envoy and the client of the test are on one machine. */
export const CLIENT = '127.0.0.1';
export const UPSTREAMS = ['e0', 'e1'] as const;
/** Gateways, servers of them, and the mesh, to which routes may be bound. */
export const BINDINGS = ['g0', 'g1', 'g0:p80', 'g1:p80', 'g0:p443', 'g1:p8080', MESH] as const;

export const of = fc.constantFrom;
/** A value, or undefined. @param freq how many values there are per undefined; by default as many */
export const maybe = <T>(value: fc.Arbitrary<T>, freq = 1) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 1 }, { arbitrary: value, weight: freq });
export const texts = (pieces: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(pieces, { maxLength }).map((all) => all.join(''));

export const word = of('1', '2', 'a', 'A', 'ab', 'b c', 'é', 'a,b', '1,2', 'x=y', '%41', '');

/** Values that the generators share. */
import fc from 'fast-check';

/** Envoy and the client of the test are on one machine. */
export const CLIENT = '127.0.0.1';
/** The server name of another tenant. */
export const FOREIGN = 'other.foreign.test';
export const UPSTREAMS = ['e0', 'e1'] as const;
/** Gateways, and servers of them, to which routes may be bound. */
export const BINDINGS = ['g0', 'g1', 'g0:p80', 'g1:p80', 'g0:p443', 'g1:p8080'] as const;

export const of = fc.constantFrom;
/** A value, or undefined. By default, both are equally likely. */
export const maybe = <T>(value: fc.Arbitrary<T>, freq = 1) => fc.option(value, { nil: undefined, freq });
export const texts = (pieces: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(pieces, { maxLength }).map((all) => all.join(''));

export const word = of('1', '2', 'a', 'A', 'ab', 'b c', 'é', 'a,b', '1,2', 'x=y', '%41', '');

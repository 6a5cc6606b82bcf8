import { leftOutPorts } from '../../model/check/left-out-ports.ts';
import type { InformedKind, InputOf, Kind } from '../../model/kinds/index.ts';
import { parse, type Violation } from '../../model/violations.ts';
import type { Context } from '../context.ts';
import { Problem, type ProblemViolation } from '../problem.ts';
import type { SealedKey } from '../store/keys.ts';
import { acceptGateway } from './accept-gateway.ts';
import type { Head, Put } from './heads/head.ts';

/** The stored form of one written resource: the change, and the sealed private keys that the batch stores with it. */
export interface Accepted {
  change: Put;
  keys: SealedKey[];
}

/** Turns the written form of a resource of one kind into its stored form. */
type Accept<K extends Kind> = (ctx: Context, head: Head, name: string, input: InputOf<K>) => Promise<Accepted>;

/**
 * The kinds with rules that the schema cannot check, and those whose stored form has more than the spec. For a
 * certificate, the API also stores facts about the chain. A gateway may get ports.
 */
const special: { [K in Kind]?: Accept<K> } & { [K in InformedKind]: Accept<K> } = {
  // The parser of certificates takes 80 ms and 10 MB to load, so it is loaded for the first certificate.
  certificate: async (...written) => (await import('./accept-certificate.ts')).acceptCertificate(...written),
  gateway: acceptGateway,
  trustBundle: async (...written) => (await import('./accept-trust-bundle.ts')).acceptTrustBundle(...written),
};

/**
 * Turns a written resource into its stored form: the spec, the facts that the API stores beside it, and the sealed
 * keys.
 *
 * @param head the configuration before the change
 * @param input the written resource, as parsed by the schema of its kind
 * @returns the change, and the sealed private keys that the batch stores with it
 * @throws Problem when the rules of the kind reject the input, for example because a key does not belong to a
 *   certificate
 */
export async function accept<K extends Kind>(
  ctx: Context,
  head: Head,
  kind: K,
  name: string,
  input: InputOf<K>,
): Promise<Accepted> {
  const own = (special as Partial<Record<Kind, unknown>>)[kind] as Accept<K> | undefined;
  return own ? own(ctx, head, name, input) : { change: { verb: 'put', kind, name, spec: input } as Put, keys: [] };
}

/** A parsed spec, with warnings about what it lacks of the written one. */
export interface ReadSpec<Spec> {
  spec: Spec;
  warnings: ProblemViolation[];
}

/**
 * Parses a written spec, or one that a merge patch produced.
 *
 * @param name the name of the resource, without its kind
 * @param body the spec, not parsed yet
 * @param at JSON pointer to the spec in the body; undefined when the body does not contain the spec
 * @param mostHints the number of violations that the response still lists
 * @returns the parsed spec, or the violations of the schema
 */
export function readSpec<K extends Kind>(
  kind: K,
  name: string,
  body: unknown,
  at: string | undefined,
  mostHints?: number,
): ReadSpec<InputOf<K>> | { violations: ProblemViolation[] } {
  const parsed = parse(kind, name, body, mostHints);
  const placed = (violation: Violation) => ({
    ...violation,
    ...(at !== undefined && { pointer: at + violation.path }),
  });
  return parsed.ok
    ? { spec: parsed.spec, warnings: leftOutPorts(kind, name, body).map(placed) }
    : { violations: parsed.violations.map(placed) };
}

/**
 * The same as {@link readSpec}, for a body that is a spec.
 *
 * @throws Problem `invalid-request` with the violations of the schema
 */
export function requireSpec<K extends Kind>(kind: K, name: string, body: unknown): ReadSpec<InputOf<K>> {
  const read = readSpec(kind, name, body, '');
  if ('violations' in read)
    throw new Problem('invalid-request', { detail: 'in the body', violations: read.violations });
  return read;
}

import type { InformedKind, InputOf, Kind } from '../../model/kinds/index.ts';
import { parse } from '../../model/violations.ts';
import type { Context } from '../context.ts';
import type { ProblemViolation } from '../problem.ts';
import type { SealedKey } from '../store/keys.ts';
import { acceptCertificate } from './accept-certificate.ts';
import type { Head, Put } from './heads/head.ts';

/** One write as it is stored: the change, and the private keys that its batch seals. */
export interface Accepted {
  change: Put;
  keys: SealedKey[];
}

type Accept<K extends Kind> = (ctx: Context, head: Head, name: string, input: InputOf<K>) => Promise<Accepted>;

/** Kinds whose written form is more than what is stored: the API keeps something beside it. */
const special: { [K in InformedKind]: Accept<K> } = { certificate: acceptCertificate };

/**
 * Turns a write of one resource into what is stored: the spec, what the API keeps beside it, and the keys to seal.
 *
 * @param input as the schema of the kind read it
 * @throws Problem when the kind's own rules reject the input, for example a certificate that does not match its key
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

/**
 * A spec from inside a larger body, or made by a merge patch.
 *
 * @param at where it is in the body; undefined = it is not in the body as such
 */
export function readSpec<K extends Kind>(
  kind: K,
  name: string,
  body: unknown,
  at: string | undefined,
): { spec: InputOf<K> } | { violations: ProblemViolation[] } {
  const parsed = parse(kind, name, body);
  if (parsed.ok) return { spec: parsed.spec };
  return {
    violations: parsed.violations.map((violation) => ({
      ...violation,
      ...(at !== undefined && { pointer: at + violation.path }),
    })),
  };
}

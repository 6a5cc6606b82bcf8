/** The registry of kinds: a new kind of resource is a schema and an entry here. */
import type { z } from 'zod';
import { Certificate, CertificateInput } from './certificate.ts';
import { Gateway } from './gateway.ts';
import { Route } from './route.ts';
import { Upstream } from './upstream.ts';

export type { CertificateInfo } from './certificate.ts';

/** A resource that another one names. `path` is a JSON pointer inside the spec of the one that refers. */
export interface Reference {
  kind: Kind;
  name: string;
  path: string;
}

interface Definition<Stored extends z.ZodType, Input extends z.ZodType = Stored> {
  /** In URLs and documents. */
  plural: string;
  /** What is stored and read. */
  schema: Stored;
  /** What is written: the same, but for what is write-only. */
  input: Input;
  refersTo(spec: z.infer<Stored>): Reference[];
}

const define = <Stored extends z.ZodType, Input extends z.ZodType>(definition: Definition<Stored, Input>) => definition;

export const kinds = {
  gateway: define({
    plural: 'gateways',
    schema: Gateway,
    input: Gateway,
    refersTo: ({ servers }): Reference[] =>
      servers.flatMap(({ tls }, i) =>
        tls ? [{ kind: 'certificate', name: tls.credentialName, path: `/servers/${i}/tls/credentialName` }] : [],
      ),
  }),
  route: define({
    plural: 'routes',
    schema: Route,
    input: Route,
    refersTo: ({ gateways, http }): Reference[] => [
      ...gateways.map((name, i): Reference => ({ kind: 'gateway', name, path: `/gateways/${i}` })),
      ...http.flatMap(({ route = [] }, i) =>
        route.map(
          ({ destination }, j): Reference => ({
            kind: 'upstream',
            name: destination.upstream,
            path: `/http/${i}/route/${j}/destination/upstream`,
          }),
        ),
      ),
    ],
  }),
  upstream: define({ plural: 'upstreams', schema: Upstream, input: Upstream, refersTo: () => [] }),
  certificate: define({ plural: 'certificates', schema: Certificate, input: CertificateInput, refersTo: () => [] }),
};

export type Kind = 'gateway' | 'route' | 'upstream' | 'certificate';
export type Plural = 'gateways' | 'routes' | 'upstreams' | 'certificates';

interface Specs {
  gateway: Gateway;
  route: Route;
  upstream: Upstream;
  certificate: Certificate;
}
/** The stored spec of a kind. */
export type SpecOf<K extends Kind> = Specs[K];
/** What a write of the kind carries. */
export type InputOf<K extends Kind> = K extends 'certificate' ? CertificateInput : Specs[K];

/** Every kind, in the order documents list them. */
export const kindIds: readonly Kind[] = ['gateway', 'route', 'upstream', 'certificate'];

export const pluralOf = (kind: Kind): Plural => kinds[kind].plural as Plural;

/** What a spec of the kind refers to. */
export function refersTo<K extends Kind>(kind: K, spec: SpecOf<K>): Reference[] {
  // The registry pairs each kind with its own spec; TypeScript cannot follow that through a generic index.
  return (kinds[kind].refersTo as (spec: SpecOf<K>) => Reference[])(spec);
}

import { z } from 'zod';
import type { PolicyDefinitions } from './policy.ts';

type Shape<D extends PolicyDefinitions> = { [E in D[number] as E['kind']]: z.ZodOptional<E['schema']> };

/** The fields that {@link policiesField} adds to the schema of a level. */
export type PoliciesField<D extends PolicyDefinitions> = D extends readonly []
  ? Record<never, never>
  : { policies: z.ZodOptional<z.ZodObject<Shape<D>, z.core.$strict>> };

/**
 * Builds the `policies` field of gateways, servers, routes and rules: a strict object with an optional field per kind
 * of policy. Without any kind of policy, the result is empty.
 *
 * @returns an object to spread into the schema of a level
 * @example z.strictObject({ name: Name, ...policiesField([localRateLimit]) })
 */
export function policiesField<const D extends PolicyDefinitions>(definitions: D): PoliciesField<D> {
  const shape = Object.fromEntries(definitions.map(({ kind, schema }) => [kind, schema.optional()]));
  const field =
    definitions.length === 0
      ? {}
      : {
          policies: z
            .strictObject(shape)
            .meta({
              id: 'Policies',
              description:
                'Policies for requests. Of each kind of policy, only one applies to a request: the one of the rule, otherwise the one of the route, of the server, or of the gateway. Some kinds that another tenant has set, such as the owner of a shared gateway, cannot be replaced.',
            })
            .optional(),
        };
  // The shape is built from the definitions that the type is mapped from; TypeScript cannot follow `fromEntries`.
  return field as PoliciesField<D>;
}

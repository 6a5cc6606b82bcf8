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
                'What is done with requests on their way. Of each kind the nearest one applies: that of the rule, else of the route, else of the server, else of the gateway.',
            })
            .optional(),
        };
  // The shape is built from the definitions that the type is mapped from; TypeScript cannot follow `fromEntries`.
  return field as PoliciesField<D>;
}

/**
 * Delegation: a rule of a route, the parent, hands a path prefix to the rules of another route, the child. The child
 * says which routes may be its parents.
 */
import { z } from 'zod';
import { formatReference, parseReference, RouteReference } from '../values/reference.ts';
import { isObject } from '../values/refine.ts';

/** The action of a rule that hands its requests to another route. */
export const Delegate = z
  .strictObject({
    route: RouteReference.describe(
      'A route with `parents`: of the same tenant, or of another tenant as `tenant/name`.',
    ),
  })
  .meta({
    id: 'Delegate',
    description:
      'The rules of another route serve the requests, as if they were written in the place of this rule. Each of their conditions is combined with each condition of this rule, and must lie within its path prefix. Requests that none of them matches go on to the next rule of this route.',
    example: { route: 'cart' },
  });

/** The entry of `parents` for every route of a tenant. */
export const EVERY_ROUTE = '*';

/** An entry of `parents`: one route, or every route of a tenant. */
const Parent = z
  .string()
  .max(127)
  .regex(
    /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/)?(\*|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)$/,
    'must be `name` or `*`, or `tenant/name` or `tenant/*` for routes of another tenant',
  )
  .meta({
    id: 'ParentReference',
    description:
      'The name of a route, or `*` for every route: of the same tenant, or of another tenant as `tenant/name` and `tenant/*`.',
    example: 'shop',
  });

/** The routes that may delegate to a route. */
export const Parents = z
  .array(Parent)
  .min(1)
  .max(64)
  .describe(
    'The routes that may delegate to this route. A route with `parents` has no hosts and no gateways of its own: it serves what rules with `delegate` of these routes hand to it. The parents need not exist; a write warns about one of the same tenant that does not delegate to this route.',
  );

/**
 * Whether a route may delegate to a route with these parents.
 *
 * @param parent the reference to the parent, as the tenant of the other route writes it
 */
export function admitsParent(parents: readonly string[] | undefined, parent: string): boolean {
  const { tenant } = parseReference(parent);
  const every = formatReference({ ...(tenant !== undefined && { tenant }), name: EVERY_ROUTE });
  return parents?.some((each) => each === every || each === parent) ?? false;
}

/** Whether a route delegates or has parents. */
export const isAboutDelegation = ({
  parents,
  http = [],
}: {
  parents?: readonly string[] | undefined;
  http?: readonly { delegate?: object | undefined }[] | undefined;
}): boolean => parents !== undefined || http.some(({ delegate }) => delegate !== undefined);

/** Lists the routes to which the rules of a route delegate. */
export const targetsOf = ({
  http = [],
}: {
  http?: readonly { delegate?: { route: string } | undefined }[] | undefined;
}) => http.flatMap(({ delegate }) => delegate?.route ?? []);

/** The fields that a rule with `delegate` may have. */
const WITH_DELEGATE = new Set(['name', 'match', 'delegate']);

/** Reports the fields of a rule that delegation does not allow. The fields may have any shape. */
export function checkDelegate(rule: object, context: z.core.$RefinementCtx): void {
  const fields = rule as Record<string, unknown>;
  if (fields.delegate === undefined) return;
  const issue = (path: PropertyKey[], code: string, message: string) =>
    context.addIssue({ code: 'custom', path, message, params: { code } });
  for (const [field, value] of Object.entries(fields)) {
    // `exactlyOne` reports a second action.
    if (value === undefined || WITH_DELEGATE.has(field) || ['route', 'redirect', 'directResponse'].includes(field))
      continue;
    issue([field], 'without-effect', 'has no meaning with delegate; write it in the rules of the other route');
  }
  for (const [index, each] of (Array.isArray(fields.match) ? fields.match : []).entries()) {
    if (!isObject(each)) continue;
    const { uri, grpc } = each as Record<string, unknown>;
    if (grpc !== undefined)
      issue(['match', index, 'grpc'], 'conflicting-fields', 'excludes delegate, which hands over a path prefix');
    if (!isObject(uri)) continue;
    const { exact, regex } = uri as Record<string, unknown>;
    for (const [form, value] of Object.entries({ exact, regex }))
      if (value !== undefined)
        issue(
          ['match', index, 'uri', form],
          'conflicting-fields',
          'excludes delegate, which hands over a path prefix: write pathPrefix or prefix',
        );
  }
}

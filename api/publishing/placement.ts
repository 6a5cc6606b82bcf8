/**
 * Where in the request body a resource's spec is, as a JSON pointer: `routes/reviews` → `/changes/2/spec`. Undefined
 * when the spec is not part of the body.
 */
export type Placement = (resource: string) => string | undefined;

/** The body is the spec of this one resource, such as `routes/reviews`. */
export const only =
  (resource: string): Placement =>
  (other) =>
    other === resource ? '' : undefined;

/** The body contains no spec. */
export const nowhere: Placement = () => undefined;

/**
 * Finds the spec of a resource in the request body. It returns a JSON pointer, such as `/changes/2/spec` for
 * `routes/reviews`. It returns undefined when the body does not contain the spec.
 */
export type Placement = (resource: string) => string | undefined;

/** The placement for a body that is the spec of one resource, such as `routes/reviews`. */
export const only =
  (resource: string): Placement =>
  (other) =>
    other === resource ? '' : undefined;

/** The placement for a body that contains no spec. */
export const nowhere: Placement = () => undefined;

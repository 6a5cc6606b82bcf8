import { z } from 'zod';

/** The names of the members that contain a time. */
type Instant = 'at' | `${string}At`;
const isInstant = (member: string): member is Instant => member === 'at' || member.endsWith('At');

/**
 * The type of a stored row, derived from the view of it in responses. It has the same members, with each time (`at`,
 * `createdAt`) in milliseconds since 1970. A row may have more members, which responses do not contain.
 */
export type Stored<View> = { [K in keyof View]: K extends Instant ? number : Exclude<View[K], undefined> };

/**
 * Makes the function that turns a stored row into the view of it in responses. The view has the members of the schema,
 * in its order, with times as RFC 3339 text. It leaves out members that the row does not have.
 *
 * @example
 * viewOf(Tenant)({ name: 'acme', createdAt: 0, version: 3, … })
 * // { name: 'acme', createdAt: '1970-01-01T00:00:00.000Z', … }
 */
export function viewOf<Schema extends z.ZodObject>(schema: Schema) {
  const members = Object.keys(schema.shape);
  const shown = (member: string, value: unknown) =>
    isInstant(member) ? new Date(value as number).toISOString() : value;
  return (row: Stored<z.infer<Schema>>): z.infer<Schema> => {
    const values = row as Record<string, unknown>;
    const present = members.filter((member) => values[member] !== undefined);
    // The object has the members of the schema, each with a value of its type.
    return Object.fromEntries(present.map((member) => [member, shown(member, values[member])])) as z.infer<Schema>;
  };
}

/** Makes the schema of one page of a list. `next` is the cursor of the next page. */
export const pageOf = <Item extends z.ZodType>(item: Item, id: string) =>
  z.object({ items: z.array(item), next: z.string().optional() }).meta({ id });

import type { z } from 'zod';

/** The names of the members that hold an instant. */
type Instant = 'at' | `${string}At`;
const isInstant = (member: string): member is Instant => member === 'at' || member.endsWith('At');

/**
 * A row of the store, from the schema of what the API shows of it: the same members, with each instant (`at`, `createdAt`) as
 * milliseconds since the epoch. A store adds what only it knows.
 */
export type Stored<View> = { [K in keyof View]: K extends Instant ? number : Exclude<View[K], undefined> };

/**
 * What the API shows of a row: the members of the schema, in its order, with instants as RFC 3339 text. A member that
 * the row lacks is left out.
 *
 * @example viewOf(Tenant)({ name: 'acme', createdAt: 0, version: 3, … }) // { name: 'acme', createdAt: '1970-01-01T00:00:00.000Z', … }
 */
export function viewOf<Schema extends z.ZodObject>(schema: Schema) {
  const members = Object.keys(schema.shape);
  const shown = (member: string, value: unknown) =>
    isInstant(member) ? new Date(value as number).toISOString() : value;
  return (row: Stored<z.infer<Schema>>): z.infer<Schema> => {
    const values = row as Record<string, unknown>;
    const present = members.filter((member) => values[member] !== undefined);
    // The schema's own members, each with a value of its type.
    return Object.fromEntries(present.map((member) => [member, shown(member, values[member])])) as z.infer<Schema>;
  };
}

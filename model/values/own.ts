/** Maps whose names users choose. */

/**
 * Returns a member of a map. `map[name]` would also find what every object inherits, such as `constructor`.
 *
 * @param map undefined: a map without members
 * @example own({ a: 1 }, 'constructor') // undefined
 */
export const own = <T>(map: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;

/** A name that no member can have: `JSON.parse` creates a member with it, but code that copies the object loses it. */
export const LOST = '__proto__';

/** The violation of a member with the name {@link LOST}. */
export const lost = { code: 'reserved-name', message: `nothing can have the name ${LOST}` } as const;

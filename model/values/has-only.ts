/**
 * Whether an object has no fields but these. Checks of rules and conditions pass over the usual ones with it, because
 * they run at every write.
 */
export function hasOnly(value: object, fields: ReadonlySet<string>): boolean {
  for (const field in value) if (!fields.has(field)) return false;
  return true;
}

/** Turns a row of the database into an object in which a column that is null is an absent member. */
export function withoutNulls<Row>(row: { [K in keyof Row]-?: Row[K] | null }): Row {
  // Only members whose value is null are left out, and these are the optional ones of `Row`.
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Row;
}

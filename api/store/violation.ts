/** The constraint that the error of a database names. */
export type Violation = { kind: 'unique'; table: string } | { kind: 'null'; table: string; column: string };

/** The form of the message of SQLite and D1, such as `UNIQUE constraint failed: revision.tenant, revision.number`. */
const SQLITE = /(UNIQUE|NOT NULL) constraint failed: (\w+)\.(\w+)/;

/**
 * Returns the violated constraint of an error; undefined when the error has another reason. It follows `cause`, because
 * drivers wrap the error of the database.
 */
export function violation(error: unknown): Violation | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const words = SQLITE.exec(at.message);
    if (words) {
      const [, what, table = '', column = ''] = words;
      return what === 'UNIQUE' ? { kind: 'unique', table } : { kind: 'null', table, column };
    }
    const { code, table, column } = at as { code?: unknown; table?: unknown; column?: unknown };
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    if (code === '23505') return { kind: 'unique', table: String(table) };
    if (code === '23502') return { kind: 'null', table: String(table), column: String(column) };
  }
  return undefined;
}

/**
 * Whether a statement failed because a row refers to a row that does not exist. An entry of the audit log in the chain
 * of a tenant refers to the tenant.
 */
export function lacksReference(error: unknown): boolean {
  const found = violation(error);
  if (found?.kind === 'null' && found.table === 'audit' && found.column === 'chain') return true;
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (at.message.includes('FOREIGN KEY constraint failed') || (at as { code?: unknown }).code === '23503')
      return true;
  return false;
}

/** The conditions that a batch can require. Each is a column of the table `guard`. */
export type Guard = 'version' | 'head' | 'fleets' | 'host' | 'owner' | 'quota';

export function brokenGuard(found: Violation | undefined): Guard | undefined {
  return found?.kind === 'null' && found.table === 'guard' ? (found.column as Guard) : undefined;
}

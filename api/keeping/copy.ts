import type { Sha256 } from '../access/authenticate.ts';
import type { Name } from '../store/dialect.ts';
import type { Driver, Statement } from '../store/driver.ts';
import { COPYING, levelOf, type Migration, migrate } from '../store/migrate.ts';
import { examine } from './doctor.ts';
import { type Key, pages } from './pages.ts';
import { shapes } from './tables.ts';

export interface Side {
  dialect: Name;
  driver: Driver;
  migrations: Migration[];
}

export interface Copied {
  rows: number;
  of: number;
  /** The current step: a table's name, or `checking`. */
  at: string;
}

/** A row in the target that marks an unfinished copy. It contains the source and the progress. */
interface Mark {
  source: string;
  table: string;
  after: Key | undefined;
}

/**
 * Copies every table of one store into another store, whose engine may differ. It then verifies the number of rows, and
 * the content of each revision against its hash. If the process is killed, the next call resumes the copy. Until the
 * copy is complete, no other code can open the target.
 *
 * @throws Error when the migrations of a store are not those of this version, when the target is not empty, when the
 *   source changed meanwhile, or when the copy differs from the source
 */
export async function copyStore(
  from: Side,
  to: Side,
  digest: Sha256,
  onProgress: (copied: Copied) => void,
): Promise<Copied> {
  const { pending } = await levelOf(from.driver, from.migrations);
  if (pending.length > 0)
    throw new Error('The source is of an older version: run `npx gatehouse migrate` on it first.');
  const source = await stateOf(from.driver);
  const counts = await countsOf(from.driver);
  const of = sum(counts);
  const mark = await begin(to, source);

  const target = pages(to);
  const first = shapes.findIndex(({ name }) => name === mark.table);
  let rows = sum(await countsOf(to.driver));
  for (const shape of shapes.slice(first)) {
    let after = shape.name === mark.table ? mark.after : undefined;
    for (;;) {
      onProgress({ rows, of, at: shape.name });
      const page = await pages(from).read(shape, after);
      if (page.length === 0) break;
      after = target.keyOf(shape, page.at(-1)!);
      await to.driver.batch([...target.write(shape, page), ...marking({ source, table: shape.name, after })]);
      rows += page.length;
    }
  }

  onProgress({ rows, of, at: 'checking' });
  if ((await stateOf(from.driver)) !== source)
    throw new Error(
      'The source was written to meanwhile. Stop what writes to it, and run the same command again: it starts over.',
    );
  await verify(to, counts, digest);
  await to.driver.batch([...target.finish(), forget]);
  return { rows, of, at: 'done' };
}

/** Resumes a copy of the same source in the same state, or starts one in an empty database. */
async function begin({ driver, migrations }: Side, source: string): Promise<Mark> {
  const mark = await markOf(driver);
  if (mark?.source === source) return mark;
  if (mark) await driver.batch(shapes.toReversed().map(({ name }) => ({ sql: `delete from ${name}`, params: [] })));
  else {
    await migrate(driver, migrations);
    const filled = Object.entries(await countsOf(driver)).filter(([, count]) => count > 0);
    if (filled.length > 0)
      throw new Error(
        `The target is not empty: it has rows in ${filled.map(([table]) => table).join(', ')}. Copy into a new database.`,
      );
  }
  const start: Mark = { source, table: shapes[0]!.name, after: undefined };
  await driver.batch(marking(start));
  return start;
}

async function markOf(driver: Driver): Promise<Mark | undefined> {
  const tags = await driver.all('select tag from gatehouse_migration', []).catch(() => []);
  const mark = tags.map(([tag]) => String(tag)).find((tag) => tag.startsWith(COPYING));
  return mark === undefined ? undefined : (JSON.parse(mark.slice(COPYING.length)) as Mark);
}

const forget: Statement = { sql: `delete from gatehouse_migration where tag like '${COPYING}%'`, params: [] };

function marking(mark: Mark): Statement[] {
  const tag = `${COPYING}${JSON.stringify(mark)}`.replaceAll("'", "''");
  return [forget, { sql: `insert into gatehouse_migration (tag) values ('${tag}')`, params: [] }];
}

/**
 * Returns a text that differs after every write. Each write adds a row to the audit log, and each revision changes the
 * row of its tenant.
 */
async function stateOf(driver: Driver): Promise<string> {
  const [row] = await driver.all(
    `select (select coalesce(max(id), 0) from audit), (select count(*) from tenant), (select coalesce(sum(revision), 0) from tenant),
      (select coalesce(max(created_at), 0) from tenant), (select coalesce(sum(seq), 0) from fleet)`,
    [],
  );
  return row!.map(Number).join('.');
}

async function countsOf(driver: Driver): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name } of shapes) counts[name] = Number((await driver.all(`select count(*) from ${name}`, []))[0]![0]);
  return counts;
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((all, count) => all + count, 0);

async function verify({ dialect, driver }: Side, expected: Record<string, number>, digest: Sha256): Promise<void> {
  const counts = await countsOf(driver);
  for (const [table, count] of Object.entries(expected))
    if (counts[table] !== count)
      throw new Error(
        `Of ${count} rows of ${table} ${counts[table]} arrived. Stop everything that uses the target, empty it, and copy again.`,
      );
  for await (const { severity, at, problem } of examine(dialect, driver, digest))
    if (severity === 'error')
      throw new Error(
        `The copy is damaged: ${at}: ${problem}. Does \`npx gatehouse doctor\` report the same for the source?`,
      );
}

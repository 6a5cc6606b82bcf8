import { type Database, openDatabase } from '../../api/store/open.node.ts';

/** The database that was named, as the API would find it. */
export const storeUrl = (given?: string): string =>
  given ?? process.env.GATEHOUSE_STORE ?? 'sqlite:.gatehouse/api.sqlite';

/** Opens it as it is for some work, and closes it whatever comes of that. */
export async function withDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(url);
  try {
    return await work(database);
  } finally {
    await database.driver.close();
  }
}

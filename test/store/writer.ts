/**
 * A process that writes until it is killed. Prints `TENANT NUMBER` for every revision the store acknowledged.
 * Arguments: the database's URL and how many writers run at once, a tenant each.
 */
import { openStore } from '../../api/store/open.node.ts';
import { audit, commit, committed, fleet, tenant } from './fixtures.ts';

const [url = '', writers = '1'] = process.argv.slice(2);
const store = await openStore(url);
await store.fleets.create(fleet('public'), audit);
const fleetGeneration = await store.fleets.generation();

async function write(name: string): Promise<never> {
  await store.tenants.create(tenant(name), audit);
  for (let number = (await store.tenants.find(name))!.revision + 1; ; number++) {
    const made = commit(name, number, {
      puts: [
        ['route', 'one', { number }],
        ['route', 'two', { number }],
        ['upstream', `u${number}`, { number }],
      ],
      deletes: number > 1 ? [['upstream', `u${number - 1}`]] : [],
      add: [`h${number}.${name}.test`],
      to: ['public'],
      fleetGeneration,
    });
    await committed(store, made);
    process.stdout.write(`${name} ${number}\n`);
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, i) => write(`tenant-${i}`)));

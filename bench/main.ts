import { Command, InvalidArgumentError, Option } from 'commander';
import { Interrupted, message } from '../cli/process/failure.ts';
import { findEnvoy } from '../dataplane/envoy/find.ts';
import { access } from './access.ts';
import { agents } from './agents.ts';
import { api } from './api.ts';
import { burst } from './burst.ts';
import { churn } from './churn.ts';
import { STORES } from './database.ts';
import { datapath } from './datapath/index.ts';
import { eviction } from './eviction.ts';
import { fanout } from './fanout.ts';
import { measuredFigures } from './figures.ts';
import { flood } from './flood.ts';
import { FLOOD_KINDS } from './floods.ts';
import { live } from './live.ts';
import { peers } from './peers/index.ts';
import { printPeers } from './peers/table.ts';
import { print, printTable } from './print.ts';
import { report } from './report/index.ts';
import { restarts } from './restarts.ts';
import { save } from './results.ts';
import { inFolder } from './run.ts';
import { simulate } from './simulate.ts';
import { stalls } from './stalls.ts';

const program = new Command('bench').description('Measures Gatehouse. Every part is real and runs as its own process.');

const json = () => new Option('--json', 'print one JSON object per line instead of a table');
const toSave = () => new Option('--save', 'add the results to bench/results, which `report` reads');
const store = () => new Option('--store <engine>', 'the database under the API').choices([...STORES]).default('sqlite');
const keep = () => new Option('--keep', 'keep the folder with databases and logs, and print its path');

program
  .command('live')
  .description(
    'time from a PUT to the first request through Envoy that sees it, compared with the minimum that Envoy needs; memory, CPU, cold starts',
  )
  .option('--tenants <n,…>', 'numbers of tenants; one run per number', counts, [100])
  .option('--changes <n>', 'changes measured per run', positive, 200)
  .option('--https', 'one certificate per tenant, and every request over TLS', false)
  .option('--mtls <n>', 'hosts whose clients must show a certificate, besides the tenants; implies --https', positive)
  .addOption(store())
  .option('--processes <n>', 'API processes on one database; more than one need PostgreSQL', positive, 1)
  .option('--breakdown', 'show the time of each stage of a change', false)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    enoughFor(options.store, options.processes);
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    const rows = [];
    for (const tenants of options.tenants) {
      const row = await inFolder(options, (processes) =>
        live({ ...options, https: options.https || options.mtls !== undefined, tenants, binary }, processes),
      );
      rows.push(row);
      if (options.save) save('live', row);
      if (options.json) print(row, options);
    }
    if (!options.json) printTable(rows);
  });

program
  .command('restarts')
  .description(
    'restart time of each part, also with an empty disk; then requests to all active tenants at once on a new Envoy',
  )
  .option('--tenants <n>', 'number of tenants', positive, 1000)
  .option('--active <n>', 'number of tenants that get requests', positive, 1000)
  .option('--https', 'one certificate per tenant, and every request over TLS', false)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    output('restarts', await inFolder(options, (processes) => restarts({ ...options, binary }, processes)), options);
  });

program
  .command('eviction')
  .description(
    'many hosts get one request, are evicted while other hosts get requests, and are loaded again: memory, errors, effect on the other hosts',
  )
  .option('--tenants <n>', 'number of tenants', positive, 1000)
  .option('--active <n>', 'number of tenants that get requests', positive, 1000)
  .option('--idle <s>', 'seconds without a request until a host is evicted', positive, 20)
  .option('--https', 'one certificate per tenant, and every request over TLS', false)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    output('eviction', await inFolder(options, (processes) => eviction({ ...options, binary }, processes)), options);
  });

program
  .command('churn')
  .description(
    'tenants are created, changed and deleted: memory and files after a tenth of the changes, and at the end',
  )
  .option('--tenants <n>', 'tenants that exist at any time', positive, 1000)
  .option('--changes <n>', 'tenants created, changed and deleted', positive, 30_000)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    output('churn', await inFolder(options, (processes) => churn({ ...options, binary }, processes)), options);
  });

program
  .command('burst')
  .description('many tenants publish at once while one floods: the time that each of them waits')
  .option('--tenants <n>', 'tenants that publish at once', positive, 1000)
  .option('--flood <n>', 'changes per second of one more tenant', positive, 200)
  .option('--rounds <n>', 'bursts after the first one; the result is their median', positive, 5)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    output('burst', await inFolder(options, (processes) => burst({ ...options, binary }, processes)), options);
  });

program
  .command('flood')
  .description('other tenants change things as fast as the API lets them: the time that one more tenant waits')
  .addOption(new Option('--kinds <kind...>', 'what they change').choices([...FLOOD_KINDS]).default([...FLOOD_KINDS]))
  .option('--connections <n>', 'connections of the flood', positive, 8)
  .option('--changes <n>', 'changes of the one tenant, measured without the flood and then during it', positive, 100)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async ({ kinds, ...options }) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    for (const kind of kinds)
      output('flood', await inFolder(options, (processes) => flood({ ...options, kind, binary }, processes)), options);
  });

program
  .command('api')
  .description('reads and durable publishes per second; a PUT of one route of a huge tenant')
  .option('--writers <n>', 'connections, each with its own tenant', positive, 64)
  .option('--seconds <n>', 'duration of each of the two loads', positive, 10)
  .option('--routes <n>', 'routes of the huge tenant', positive, 20_000)
  .addOption(store())
  .option(
    '--processes <n,…>',
    'numbers of API processes on one database, one run per number; more than one need PostgreSQL',
    counts,
    [1],
  )
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    for (const count of options.processes) {
      enoughFor(options.store, count);
      const place = { ...options, processes: count };
      output('api', await inFolder(options, (processes) => api(place, processes)), options);
    }
  });

program
  .command('access')
  .description('CPU time of one decision about what a caller may do, in µs')
  .option('--decisions <n>', 'decisions measured per kind of caller', positive, 1_000_000)
  .addOption(json())
  .action((options) => print(access(options), options));

program
  .command('fanout')
  .description('time from one change to the last of many delta xDS streams on one agent')
  .option('--streams <n>', 'number of them', positive, 1000)
  .option('--rounds <n>', 'changes measured', positive, 50)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) =>
    output('fanout', await inFolder(options, (processes) => fanout(options, processes)), options),
  );

program
  .command('agents')
  .description('time from one change to the last of many agents on one API; then all of them reconnect at once')
  .option('--agents <n>', 'number of them', positive, 1000)
  .option('--rounds <n>', 'changes measured', positive, 50)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) =>
    output('agents', await inFolder(options, (processes) => agents(options, processes)), options),
  );

program
  .command('stalls')
  .description(
    'how long the largest requests delay others: hostile bodies, 10,000 routes at once, reads of all of them',
  )
  .addOption(store())
  .addOption(json())
  .addOption(keep())
  .action(async (options) => {
    const rows = await inFolder(options, (processes) => stalls(options, processes));
    if (options.json) for (const row of rows) print(row, options);
    else printTable(rows);
  });

program
  .command('peers')
  .description('the workload of `live` on other proxies and control planes, in one table with ratios')
  .option('--tenants <n,…>', 'numbers of tenants; one run per number', counts, [100])
  .option('--changes <n>', 'most changes of each kind', positive, 100)
  .option('--seconds <n>', 'time limit for all changes of one kind', positive, 60)
  .option('--only <name,…>', 'only the peers whose names contain one of these words', words)
  .option('--install', 'install missing programs: Debian packages, and programs built by Go', false)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    const results = [];
    for await (const result of peers({ ...options, binary })) {
      results.push(result);
      if (options.save) save('peers', result);
      if (options.json) print(result, options);
    }
    if (!options.json) printPeers(results);
  });

program
  .command('datapath')
  .description('requests through a gateway, compared with a bare Envoy with one static route; the cost of each filter')
  .option('--seconds <n>', 'duration of each load', positive, 3)
  .option('--rounds <n>', 'loads per side; the sides alternate', positive, 3)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    const result = await inFolder(options, (processes) => datapath({ ...options, binary }, processes));
    output('datapath', result, options);
  });

program
  .command('simulate')
  .description(
    'simulate the feed of very many tenants to agents in many regions, directly and through relays, from saved figures',
  )
  .option('--tenants <n>', 'number of tenants', positive, 1_000_000)
  .option('--regions <n>', 'regions, each with a relay', positive, 100)
  .option('--agents <n>', 'agents per region', positive, 20)
  .option('--rate <n>', 'changes per second', positive, 100)
  .addOption(json())
  .addOption(toSave())
  .action((options) => output('simulate', simulate({ ...options, figures: measuredFigures() }), options));

program
  .command('report')
  .description('write docs/benchmarks.md and its charts from the saved results')
  .action(() => report());

function output(command: string, result: object, options: { json?: boolean; save?: boolean }): void {
  if (options.save) save(command, result);
  print(result, options);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number from 1');
  return value;
}

function enoughFor(engine: string, processes: number): void {
  if (engine === 'sqlite' && processes > 1)
    throw new InvalidArgumentError('SQLite has one API process. Use --store postgres.');
}

function counts(text: string): number[] {
  return text.split(',').map(positive);
}

function words(text: string): string[] {
  return text.split(',').filter(Boolean);
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(`bench: ${message(error)}`);
  // The exit code that a shell gives for Ctrl-C.
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}

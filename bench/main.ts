import { Command, InvalidArgumentError, Option } from 'commander';
import { Interrupted, message } from '../cli/process/failure.ts';
import { findEnvoy } from '../dataplane/envoy/find.ts';
import { agents } from './agents.ts';
import { api } from './api.ts';
import { burst } from './burst.ts';
import { churn } from './churn.ts';
import { STORES } from './database.ts';
import { datapath } from './datapath/index.ts';
import { eviction } from './eviction.ts';
import { fanout } from './fanout.ts';
import { measuredFigures } from './figures.ts';
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

const program = new Command('bench').description(
  'Measures Gatehouse: everything real, each part a process of its own.',
);

const json = () => new Option('--json', 'one object of JSON a line instead of a table');
const toSave = () => new Option('--save', 'add the results to bench/results, from which `report` draws');
const store = () => new Option('--store <engine>', 'the database under the API').choices([...STORES]).default('sqlite');
const keep = () => new Option('--keep', 'keep the folder with databases and logs, and say where it is');

program
  .command('live')
  .description(
    'PUT → first request through Envoy that sees it, beside the least that Envoy itself needs; memory, CPU and cold starts',
  )
  .option('--tenants <n,…>', 'how many tenants; a run each', counts, [100])
  .option('--changes <n>', 'measured in each run', positive, 200)
  .option('--https', 'a certificate a tenant, and every visit over TLS', false)
  .addOption(store())
  .option('--processes <n>', 'API processes on one database; more than one take PostgreSQL', positive, 1)
  .option('--breakdown', 'where the time of a change goes, stage by stage', false)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    enoughFor(options.store, options.processes);
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    const rows = [];
    for (const tenants of options.tenants) {
      const row = await inFolder(options, (processes) => live({ ...options, tenants, binary }, processes));
      rows.push(row);
      if (options.save) save('live', row);
      if (options.json) print(row, options);
    }
    if (!options.json) printTable(rows);
  });

program
  .command('restarts')
  .description('how soon each part is back, also with nothing on its disk; all active tenants at once on a new Envoy')
  .option('--tenants <n>', 'how many tenants', positive, 1000)
  .option('--active <n>', 'of which so many are visited', positive, 1000)
  .option('--https', 'a certificate a tenant, and every visit over TLS', false)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    tell('restarts', await inFolder(options, (processes) => restarts({ ...options, binary }, processes)), options);
  });

program
  .command('eviction')
  .description(
    'many hosts visited once are let go of while others are visited on, and come back: memory, errors, what the others notice',
  )
  .option('--tenants <n>', 'how many tenants', positive, 1000)
  .option('--active <n>', 'of which so many are visited', positive, 1000)
  .option('--idle <s>', 'until a host is let go of', positive, 20)
  .option('--https', 'a certificate a tenant, and every visit over TLS', false)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    tell('eviction', await inFolder(options, (processes) => eviction({ ...options, binary }, processes)), options);
  });

program
  .command('churn')
  .description('tenants come, change and go: memory and files after a tenth of it, and at the end')
  .option('--tenants <n>', 'that live at any time', positive, 1000)
  .option('--changes <n>', 'tenants created, changed and deleted', positive, 30_000)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    tell('churn', await inFolder(options, (processes) => churn({ ...options, binary }, processes)), options);
  });

program
  .command('burst')
  .description('many tenants publish at once while one floods: how long each of them waits')
  .option('--tenants <n>', 'that publish at once', positive, 1000)
  .option('--flood <n>', 'changes a second of one more', positive, 200)
  .option('--rounds <n>', 'bursts after the first, of which the median is told', positive, 5)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    tell('burst', await inFolder(options, (processes) => burst({ ...options, binary }, processes)), options);
  });

program
  .command('api')
  .description('reads and durable publishes a second; a PUT of one route of a huge tenant')
  .option('--writers <n>', 'connections, each on a tenant of its own', positive, 64)
  .option('--seconds <n>', 'of each of the two loads', positive, 10)
  .option('--routes <n>', 'of the huge tenant', positive, 20_000)
  .addOption(store())
  .option('--processes <n,…>', 'API processes on one database, a run each; more than one take PostgreSQL', counts, [1])
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    for (const count of options.processes) {
      enoughFor(options.store, count);
      const place = { ...options, processes: count };
      tell('api', await inFolder(options, (processes) => api(place, processes)), options);
    }
  });

program
  .command('fanout')
  .description('one change → the last of many delta xDS streams on one agent')
  .option('--streams <n>', 'how many', positive, 1000)
  .option('--rounds <n>', 'changes measured', positive, 50)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) =>
    tell('fanout', await inFolder(options, (processes) => fanout(options, processes)), options),
  );

program
  .command('agents')
  .description('one change → the last of many agents on one API; then all of them coming back at once')
  .option('--agents <n>', 'how many', positive, 1000)
  .option('--rounds <n>', 'changes measured', positive, 50)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) =>
    tell('agents', await inFolder(options, (processes) => agents(options, processes)), options),
  );

program
  .command('stalls')
  .description(
    'how long the largest requests hold up others: hostile bodies, 10,000 routes at once, reads of all of them',
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
  .description('the workload of `live` on other proxies and control planes too, in one table with ratios')
  .option('--tenants <n,…>', 'how many tenants; a run each', counts, [100])
  .option('--changes <n>', 'of each kind, at most', positive, 100)
  .option('--seconds <n>', 'that each kind of change may take in all', positive, 60)
  .option('--only <name,…>', 'those peers whose names have one of these in them', words)
  .option('--install', 'installs what is missing: Debian packages, and programs built by Go', false)
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
  .description('requests through a gateway of ours beside a bare Envoy with one static route; what each filter costs')
  .option('--seconds <n>', 'of each load', positive, 3)
  .option('--rounds <n>', 'that each side is loaded, in turn', positive, 3)
  .addOption(json())
  .addOption(toSave())
  .addOption(keep())
  .action(async (options) => {
    const binary = await findEnvoy({ progress: (line) => console.error(line) });
    const result = await inFolder(options, (processes) => datapath({ ...options, binary }, processes));
    tell('datapath', result, options);
  });

program
  .command('simulate')
  .description('the feed of very many tenants to agents in many regions, straight and through relays, by saved figures')
  .option('--tenants <n>', 'in all', positive, 1_000_000)
  .option('--regions <n>', 'each with a relay', positive, 100)
  .option('--agents <n>', 'in each region', positive, 20)
  .option('--rate <n>', 'changes a second', positive, 100)
  .addOption(json())
  .addOption(toSave())
  .action((options) => tell('simulate', simulate({ ...options, figures: measuredFigures() }), options));

program
  .command('report')
  .description('writes docs/benchmarks.md and its charts from the saved results')
  .action(() => report());

function tell(command: string, result: object, options: { json?: boolean; save?: boolean }): void {
  if (options.save) save(command, result);
  print(result, options);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number from 1 on');
  return value;
}

function enoughFor(engine: string, processes: number): void {
  if (engine === 'sqlite' && processes > 1)
    throw new InvalidArgumentError('SQLite has one API process: say --store postgres.');
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
  // As a shell tells an end by Ctrl-C.
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrow, type Import, importsOf, isIn, PRODUCT, ROOT, topOf } from './imports.ts';

const all = new Map(PRODUCT.map((folder) => [folder, importsOf(folder)]));
const importsIn = (folder: string): Import[] => all.get(topOf(folder))!.filter(({ from }) => isIn(from, folder));
const isOwn = (path: string): boolean => [...PRODUCT, 'bench', 'examples', 'test', 'docs'].includes(topOf(path));

describe('between the top folders', () => {
  it('sees the imports it judges', () => {
    for (const folder of ['model', 'wire', 'api', 'dataplane', 'openapi', 'cli', 'demo'])
      expect(all.get(folder)!.length, folder).toBeGreaterThan(0);
  });

  it.each([
    { folder: 'model', allowed: [] },
    { folder: 'wire', allowed: ['model'] },
    { folder: 'api', allowed: ['wire', 'model'] },
    { folder: 'dataplane', allowed: ['wire', 'model'] },
    { folder: 'convert', allowed: ['model'] },
    { folder: 'openapi', allowed: ['api'] },
    { folder: 'dashboard', allowed: ['openapi'] },
    { folder: 'demo', allowed: ['openapi', 'wire', 'model'] },
    { folder: 'cli', allowed: ['api', 'dataplane', 'openapi', 'convert', 'demo', 'dashboard', 'wire', 'model'] },
  ])('$folder imports only $allowed of our own folders', ({ folder, allowed }) => {
    const astray = all.get(folder)!.filter(({ to }) => isOwn(to) && ![folder, ...allowed].includes(topOf(to)));
    expect(astray.map(arrow)).toEqual([]);
  });

  it('every folder of sources is either of the product or known not to be', () => {
    const others = ['bench', 'docs', 'examples', 'migrations', 'node_modules', 'test'];
    const folders = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const unknown = folders.map(({ name }) => name).filter((name) => !name.startsWith('.') && !isOwn(name));
    expect(unknown.filter((name) => !others.includes(name))).toEqual([]);
  });
});

describe('within the top folders', () => {
  it.each([
    { folder: 'dataplane/compile', never: ['dataplane/serve', 'dataplane/status', 'dataplane/feed', 'dataplane/xds'] },
    { folder: 'dataplane/xds', never: ['dataplane/serve', 'dataplane/compile', 'dataplane/feed'] },
    { folder: 'dataplane/feed', never: ['dataplane/serve', 'dataplane/xds', 'dataplane/compile'] },
    { folder: 'api/store', never: ['api/http'] },
    { folder: 'api/http', never: ['api/publishing', 'api/configuration', 'api/revisions', 'api/status'] },
    { folder: 'api/jobs', never: ['api/http'] },
    { folder: 'api/access', never: ['api/http', 'api/publishing', 'api/configuration'] },
    {
      folder: 'api/publishing',
      never: ['api/configuration', 'api/revisions', 'api/status', 'api/fleets', 'api/explain'],
    },
    { folder: 'api/feed', never: ['api/fleets', 'api/status'] },
    { folder: 'api/configuration', never: ['api/revisions'] },
    { folder: 'api/revisions', never: ['api/configuration'] },
    { folder: 'api/status', never: ['api/configuration', 'api/revisions', 'api/fleets'] },
    { folder: 'cli/process', never: ['cli/commands', 'cli/up', 'cli/keeping', 'cli/remote', 'cli/terminal'] },
    { folder: 'cli/terminal', never: ['cli/commands', 'cli/up', 'cli/keeping', 'cli/remote'] },
    { folder: 'cli/remote', never: ['cli/commands', 'cli/up', 'cli/keeping', 'cli/terminal'] },
  ])('$folder imports nothing of $never', ({ folder, never }) => {
    const astray = importsIn(folder).filter(({ to }) => never.some((other) => isIn(to, other)));
    expect(astray.map(arrow)).toEqual([]);
  });

  it('the verbs of the API do not know HTTP: only contracts, routes and what answers for them import it', () => {
    const adapters =
      /^api\/(http|workers|observe|html|pages)\/|\/([\w-]*contract|[\w-]*routes|answer|schema)\.ts$|^api\/[\w.-]+\.ts$/;
    const astray = importsIn('api').filter(({ from, to }) => !adapters.test(from) && isIn(to, 'api/http'));
    expect(astray.map(arrow)).toEqual([]);
  });

  it('the product imports neither the bench nor the examples nor the tests', () => {
    const astray = [...all.values()].flat().filter(({ to }) => ['bench', 'examples', 'test'].includes(topOf(to)));
    expect(astray.map(arrow)).toEqual([]);
  });
});

describe('from outside', () => {
  it('model imports nothing but Zod and pure packages', () => {
    const pure = ['zod', 're2js', 'ipaddr.js', 'tldts', 'lru-cache'];
    const foreign = all.get('model')!.filter(({ to }) => !isOwn(to) && !pure.includes(to));
    expect(foreign.map(arrow)).toEqual([]);
  });

  it('compile is pure: no I/O, no clock', () => {
    const pure = ['node:crypto', 'node:net'];
    const impure = importsIn('dataplane/compile').filter(({ to }) => to.startsWith('node:') && !pure.includes(to));
    expect(impure.map(arrow)).toEqual([]);
  });

  it('api reaches Node only in its entry and its database drivers', () => {
    const entries = /(\.node\.ts|api\/store\/(sqlite|postgres)[\w-]*\.ts)$/;
    const nodes = all
      .get('api')!
      .filter(
        ({ from, to }) =>
          !entries.test(from) &&
          (/^(node:|better-sqlite3|pg$|@hono\/node-server|pino)/.test(to) || /\.node\.ts$/.test(to)),
      );
    expect(nodes.map(arrow)).toEqual([]);
  });

  it('the Worker bundles every migration there is', () => {
    const files = readdirSync(join(ROOT, 'migrations/sqlite')).filter((file) => file.endsWith('.sql'));
    const worker = readFileSync(join(ROOT, 'api/store/migrations.worker.ts'), 'utf8');
    const tags = [...worker.matchAll(/tag: '([^']+)'/g)].map(([, tag]) => `${tag}.sql`);
    expect(tags).toEqual(files.sort());
  });
});

describe('at the start of a program', () => {
  /** The packages that a file loads, directly and through other files. */
  function loadedBy(entry: string): Set<string> {
    const imports = Map.groupBy(
      [...all.values()].flat().filter(({ how }) => how === 'load'),
      ({ from }) => from,
    );
    const found = new Set([entry]);
    for (const each of found) for (const { to } of imports.get(each) ?? []) found.add(to);
    return new Set([...found].filter((each) => !isOwn(each)));
  }

  it.each([
    // 80 ms and 20 ms; the parser of certificates is needed for the first one.
    { entry: 'api/serve.node.ts', loads: '@hono/node-server', never: ['@peculiar/x509', 'pg'] },
    // 55 ms, 40 ms, and 35 ms for the HTTP client that an `import` of `node:http` loads.
    { entry: 'dataplane/start.ts', loads: '@grpc/grpc-js', never: ['undici', 'prom-client', 'node:http'] },
  ])('$entry does not load $never', ({ entry, loads, never }) => {
    const loaded = loadedBy(entry);
    expect(loaded).toContain(loads);
    expect(never.filter((each) => loaded.has(each))).toEqual([]);
  });
});

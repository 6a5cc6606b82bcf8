import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { compileCache } from './cli/process/compile-cache.ts';

/** Unit tests that replace modules, so that they cannot share them with other files. */
const REPLACING = ['test/compile/policies/**/*.test.ts'];

/** Tests of credentials that are valid for a second. Other programs must not delay them. */
const TIMED = ['test/e2e/enrolled-agent.test.ts'];

/** Fast suites first. */
export default defineConfig({
  test: {
    // Vitest looks at every global, and Node warns of this one.
    execArgv: ['--no-experimental-webstorage'],
    // The programs that tests start are compiled once, which is half the CPU time of a start.
    env: compileCache(process.env),
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // Files wait for disks, databases and Envoys more than they compute.
    maxWorkers: 2,
    reporters: process.env.REPORT_FILE ? ['default', ['json', { outputFile: process.env.REPORT_FILE }]] : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{arch,model,compile,xds,dataplane,store,api,keeping}/**/*.test.ts'],
          exclude: ['test/store/{postgres,d1}.test.ts', 'test/keeping/copy.test.ts', ...REPLACING],
          // Files share what they import, which takes longer than most of their tests.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'replaced', include: REPLACING, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: ['test/store/postgres.test.ts', 'test/{postgres,api,keeping}/**/*.test.ts'],
          exclude: ['test/api/{openapi,lru}.test.ts', 'test/api/dns/**', 'test/keeping/{backup,docs}.test.ts'],
          isolate: false,
          globalSetup: 'test/postgres/global.ts',
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' }, miniflare: { d1Databases: ['DB'] } })],
        test: {
          name: 'd1',
          include: ['test/store/d1.test.ts'],
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'workers',
          include: ['test/workers/**/*.test.ts', 'test/api/**/*.test.ts'],
          exclude: ['test/api/{openapi,lru}.test.ts', 'test/api/dns/**'],
          globalSetup: 'test/workers/global.ts',
          env: { CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
          sequence: { groupOrder: 2 },
        },
      },
      // One group: when few files of one suite are left, the next one begins.
      {
        extends: true,
        test: {
          name: 'envoy',
          include: ['test/envoy/**/*.test.ts'],
          globalSetup: 'test/debian-packages.ts',
          testTimeout: 180_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        // The longest file. Suites run in the order of their names, so it does not run last, and alone.
        test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], sequence: { groupOrder: 3 } },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/{e2e,cli,ci,docs}/**/*.test.ts'],
          exclude: TIMED,
          globalSetup: 'test/debian-packages.ts',
          testTimeout: 180_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'timed',
          include: TIMED,
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});

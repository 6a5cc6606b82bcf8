import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isDamage } from '../../dataplane/feed/damage.ts';
import { Replica } from '../../dataplane/feed/replica.ts';
import { Seal } from '../../dataplane/feed/sealing.ts';

const silent = pino({ level: 'silent' });
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replica-'));
  file = join(folder, 'replica.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fill(): void {
  const replica = Replica.open(file);
  replica.transaction(() => {
    for (let n = 0; n < 500; n++)
      replica.putResource(
        't',
        'route',
        `r${n}`,
        JSON.stringify({ hosts: [`h${n}.test`], filler: 'x'.repeat(300) }),
        null,
      );
    replica.setRevision('t', 7, 41, 1);
    replica.cursor = 41;
    replica.complete = true;
  });
  replica.close();
}

const opening = () => {
  try {
    Replica.open(file).close();
    return 'opened';
  } catch (error) {
    return isDamage(error) ? 'damaged' : error;
  }
};

describe('the replica', () => {
  it('has its content and its cursor after a restart', () => {
    fill();
    const replica = Replica.open(file);
    expect([replica.cursor, replica.complete, replica.revision('t'), replica.resources('t').length]).toEqual([
      41,
      true,
      7,
      500,
    ]);
    replica.close();
  });

  it('has the registered endpoints after a restart, and creates their table in a file without it', () => {
    fill();
    const earlier = new Database(file);
    earlier.exec('DROP TABLE registered');
    earlier.close();
    const before = Replica.open(file);
    expect([before.cursor, before.registered.of('t')]).toEqual([41, new Map()]);
    before.registered.put('t', 'app', '[]');
    before.registered.put('other', 'app', '[{}]');
    before.close();
    const replica = Replica.open(file);
    expect(replica.registered.of('t')).toEqual(new Map([['app', '[]']]));
    replica.removeTenant('t');
    expect([replica.registered.of('t').size, replica.registered.of('other').size]).toEqual([0, 1]);
    replica.close();
  });

  it('stores nothing of a failed transaction', () => {
    const replica = Replica.open(file);
    expect(() =>
      replica.transaction(() => {
        replica.cursor = 5;
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(replica.cursor).toBe(0);
    replica.close();
  });

  it('rejects a truncated file', () => {
    fill();
    truncateSync(file, 40_960);
    expect(opening()).toBe('damaged');
  });

  it('rejects a file that is not a database', () => {
    writeFileSync(file, 'not a database at all, but long enough to have a header of its own '.repeat(20));
    expect(opening()).toBe('damaged');
  });

  it('rejects a file with an overwritten page', () => {
    fill();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 8192, 12_288);
    writeFileSync(file, bytes);
    expect(opening()).toBe('damaged');
  });

  it('assigns a host that moved to the tenant that got it last', () => {
    const replica = Replica.open(file);
    replica.assign('scope', 'old', '80|a.test');
    replica.assign('scope', 'new', '80|a.test');
    replica.release('scope', 'old', '80|a.test');
    expect(replica.holder('scope', ['80|a.test'])).toEqual({ name: '80|a.test', tenant: 'new' });
    replica.close();
  });

  it('drops the last good routes and rejections of a tenant that left', () => {
    const replica = Replica.open(file);
    const rejection = { tenant: 't', revision: 1, resource: '', path: '', message: 'refused' };
    const last = { refused: 'v2', version: 'v1', body: Buffer.from('routes'), rejections: [rejection] };
    replica.lastGood.put('80|a.test', { tenant: 't', ...last });
    replica.lastGood.put('80|b.test', { tenant: 'other', ...last, rejections: [] });
    expect(replica.lastGood.rejections(() => false)).toEqual([rejection]);
    replica.removeTenant('t');
    expect([replica.lastGood.rejections(() => false), replica.lastGood.get('80|a.test')]).toEqual([[], undefined]);
    expect(replica.lastGood.names('other')).toEqual(['80|b.test']);
    replica.close();
  });
});

describe('the seal', () => {
  it('decrypts a key for the owner for which it was sealed, and for no other', () => {
    const seal = Seal.open(folder, undefined, silent);
    const sealed = seal.close('secret text', 't/cert');
    expect(sealed.includes('secret text')).toBe(false);
    expect(Seal.open(folder, undefined, silent).open(sealed, 't/cert')).toBe('secret text');
    expect(() => seal.open(sealed, 'other/cert')).toThrow();
  });

  it('rejects an altered key', () => {
    const seal = Seal.open(folder, undefined, silent);
    const sealed = seal.close('secret text', 't/cert');
    sealed[sealed.length - 1]! ^= 1;
    expect(() => seal.open(sealed, 't/cert')).toThrow();
  });
});

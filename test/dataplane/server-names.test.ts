import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ServerNames } from '../../dataplane/serve/hosts/server-names.ts';

let names: ServerNames;
const changes: string[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  changes.length = 0;
  names = new ServerNames(3, (name, isRemoved) => void changes.push(`${isRemoved ? '-' : '+'}${name}`));
});
afterEach(() => {
  names.close();
  vi.useRealTimers();
});

function keep(tenant: string, ...list: string[]): void {
  for (const name of list) names.keep(name, tenant);
}

it('above the limit, the tenant with the most names loses its oldest', () => {
  keep('b', 'b1');
  keep('a', 'a1', 'a2', 'a1', 'a3', 'a4', 'a5');
  expect(changes).toEqual(['-a1', '-a2', '-a3']);
  expect(['b1', 'a3', 'a4'].map((name) => names.isRemoved(name))).toEqual([false, true, false]);
});

it('a name that is requested again is kept as the newest', () => {
  keep('a', 'a1', 'a2', 'a3', 'a4');
  names.forget('a1');
  keep('a', 'a1', 'a5');
  expect(changes).toEqual(['-a1', '-a2', '-a3']);
  expect(names.isRemoved('a1')).toBe(false);
});

it('of tenants with one name each, a new name does not lose its place at once', () => {
  for (const tenant of ['a', 'b', 'c', 'd', 'e']) keep(tenant, `${tenant}1`);
  expect(changes).toEqual(['-a1', '-b1']);
});

it('a name to which the client stays subscribed after its removal is sent again', () => {
  keep('a', 'a1', 'a2', 'a3', 'a4', 'a5');
  vi.advanceTimersByTime(5000);
  expect(changes).toEqual(['-a1', '-a2']);
  names.acknowledged('a1');
  names.acknowledged('a2');
  names.forget('a2');
  vi.advanceTimersByTime(999);
  expect(changes).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(changes).toEqual(['-a1', '-a2', '+a1']);
  expect(names.isRemoved('a1')).toBe(false);
});

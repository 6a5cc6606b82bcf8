import { describe, expect, it } from 'vitest';
import {
  type DeltaRequest,
  DeltaSubscription,
  type SotwRequest,
  SotwSubscription,
  type Update,
} from '../../dataplane/xds/subscription.ts';

const delta = (request: Partial<DeltaRequest> = {}): DeltaRequest => ({
  subscribe: [],
  unsubscribe: [],
  initialVersions: {},
  nonce: '',
  error: undefined,
  ...request,
});
const sotw = (request: Partial<SotwRequest> = {}): SotwRequest => ({
  names: [],
  nonce: '',
  error: undefined,
  ...request,
});
const nothing: Update = { unsubscribed: [], subscribed: [], wildcard: false, have: new Map() };

describe('delta', () => {
  it('reads a first request without names as a wildcard', () => {
    const subscription = new DeltaSubscription();
    expect(subscription.receive(delta())).toEqual({ ...nothing, wildcard: true });
    expect(subscription.has('any')).toBe(true);
  });

  it('reads a later request without names as no change', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['a'] }));
    expect(subscription.receive(delta())).toEqual(nothing);
    expect(subscription.wildcard).toBe(false);
  });

  it('keeps a wildcard without names when names are added', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta());
    expect(subscription.receive(delta({ subscribe: ['a'] }))).toEqual({ ...nothing, subscribed: ['a'] });
    expect(subscription.wildcard).toBe(true);
  });

  it('ends a wildcard when the client unsubscribes from "*", and keeps the names', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['*', 'a'] }));
    expect(subscription.receive(delta({ unsubscribe: ['*'] }))).toEqual(nothing);
    expect([subscription.has('a'), subscription.has('b')]).toEqual([true, false]);
  });

  it('responds again to a name that is requested again', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['a'] }));
    expect(subscription.receive(delta({ subscribe: ['a'] })).subscribed).toEqual(['a']);
  });

  it('responds to an unsubscribed name under a wildcard, which may still cover the name', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['*', 'a'] }));
    expect(subscription.receive(delta({ unsubscribe: ['a'] }))).toEqual({
      ...nothing,
      unsubscribed: ['a'],
      subscribed: ['a'],
    });
  });

  it('does not respond to a name that is unsubscribed together with the wildcard', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['*', 'a'] }));
    expect(subscription.receive(delta({ unsubscribe: ['a', '*'] }))).toEqual({ ...nothing, unsubscribed: ['a'] });
  });

  it('ignores an unsubscribed name without a subscription', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['a'] }));
    expect(subscription.receive(delta({ unsubscribe: ['b'] }))).toEqual(nothing);
  });

  it('unsubscribes before it subscribes when one request does both', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['a'] }));
    expect(subscription.receive(delta({ unsubscribe: ['a'], subscribe: ['a'] })).subscribed).toEqual(['a']);
    expect(subscription.has('a')).toBe(true);
  });

  it('returns the versions that a reconnecting client holds, once', () => {
    const subscription = new DeltaSubscription();
    const first = subscription.receive(delta({ subscribe: ['a'], initialVersions: { a: '1', old: '7' } }));
    const later = subscription.receive(delta({ subscribe: ['b'], initialVersions: { b: '1' } }));
    expect(first.have).toEqual(new Map([['a', '1'], ['old', '7']])); // biome-ignore format: a table
    expect(later.have).toEqual(new Map());
  });

  it('matches each ACK and NACK to a response under way', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['a'] }));
    for (const nonce of ['1', '2', '3']) subscription.sent(nonce);
    expect(subscription.receive(delta({ nonce: '1' }))).toEqual({ ...nothing, ack: '1' });
    expect(subscription.receive(delta({ nonce: '2', error: 'no' }))).toEqual({
      ...nothing,
      nack: { nonce: '2', message: 'no' },
    });
    expect(subscription.receive(delta({ nonce: '3' }))).toEqual({ ...nothing, ack: '3' });
  });

  it.each(['1', 'invented'])('ignores the nonce %s when no response under way has it', (nonce) => {
    const subscription = new DeltaSubscription();
    subscription.sent('1');
    subscription.receive(delta({ subscribe: ['a'], nonce: '1' }));
    expect(subscription.receive(delta({ nonce, error: 'late' }))).toEqual(nothing);
  });

  it('reads the names of a request whose nonce is stale', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['a'] }));
    expect(subscription.receive(delta({ nonce: 'invented', subscribe: ['b'] })).subscribed).toEqual(['b']);
  });
});

describe('SotW', () => {
  it('reads an empty list of names as a wildcard until a request contains a name', () => {
    const subscription = new SotwSubscription();
    expect(subscription.receive(sotw())).toEqual({ ...nothing, wildcard: true });
    expect(subscription.receive(sotw())).toEqual(nothing);
    expect(subscription.wildcard).toBe(true);
  });

  it('reads an empty list of names as no subscription after a request contained a name', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a'] }));
    expect(subscription.receive(sotw())).toEqual({ ...nothing, unsubscribed: ['a'] });
    expect([subscription.wildcard, subscription.has('a')]).toEqual([false, false]);
  });

  it('keeps a wildcard while requests contain "*", and ends it without', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw());
    expect(subscription.receive(sotw({ names: ['*', 'a'] }))).toEqual({ ...nothing, subscribed: ['a'] });
    subscription.receive(sotw({ names: ['a'] }));
    expect(subscription.wildcard).toBe(false);
  });

  it('finds the names that were added and left out', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a', 'b'] }));
    expect(subscription.receive(sotw({ names: ['b', 'c'] }))).toEqual({
      ...nothing,
      unsubscribed: ['a'],
      subscribed: ['c'],
    });
  });

  it('reads an ACK with the same names as no change', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a'] }));
    subscription.sent('1');
    expect(subscription.receive(sotw({ names: ['a'], nonce: '1' }))).toEqual({ ...nothing, ack: '1' });
  });

  it('responds to a name that was left out and is requested again', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a'] }));
    subscription.receive(sotw({ names: ['b'] }));
    expect(subscription.receive(sotw({ names: ['a', 'b'] })).subscribed).toEqual(['a']);
  });

  it('reads the names of a NACK', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a'] }));
    subscription.sent('1');
    expect(subscription.receive(sotw({ names: ['a', 'b'], nonce: '1', error: 'no' }))).toEqual({
      ...nothing,
      subscribed: ['b'],
      nack: { nonce: '1', message: 'no' },
    });
  });

  it('ignores the names of a stale request, and reads them with the ACK or NACK of the latest response', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a'] }));
    subscription.sent('1');
    subscription.sent('2');
    expect(subscription.receive(sotw({ names: ['a', 'b'], nonce: '1' }))).toEqual({ ...nothing, ack: '1' });
    expect(subscription.receive(sotw({ names: ['a', 'b'], nonce: '2' }))).toEqual({
      ...nothing,
      subscribed: ['b'],
      ack: '2',
    });
  });
});

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
  it('takes a first request without names for a wildcard', () => {
    const subscription = new DeltaSubscription();
    expect(subscription.receive(delta())).toEqual({ ...nothing, wildcard: true });
    expect(subscription.has('any')).toBe(true);
  });

  it('takes a later request without names for nothing', () => {
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

  it('ends a wildcard by "*", and keeps the names', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['*', 'a'] }));
    expect(subscription.receive(delta({ unsubscribe: ['*'] }))).toEqual(nothing);
    expect([subscription.has('a'), subscription.has('b')]).toEqual([true, false]);
  });

  it('answers a name that is asked for again', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['a'] }));
    expect(subscription.receive(delta({ subscribe: ['a'] })).subscribed).toEqual(['a']);
  });

  it('answers a name let go of under a wildcard, which may still cover it', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['*', 'a'] }));
    expect(subscription.receive(delta({ unsubscribe: ['a'] }))).toEqual({
      ...nothing,
      unsubscribed: ['a'],
      subscribed: ['a'],
    });
  });

  it('does not answer a name let go of together with the wildcard', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['*', 'a'] }));
    expect(subscription.receive(delta({ unsubscribe: ['a', '*'] }))).toEqual({ ...nothing, unsubscribed: ['a'] });
  });

  it('ignores a name let go of that was not held', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['a'] }));
    expect(subscription.receive(delta({ unsubscribe: ['b'] }))).toEqual(nothing);
  });

  it('lets go before it asks, when one request does both', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['a'] }));
    expect(subscription.receive(delta({ unsubscribe: ['a'], subscribe: ['a'] })).subscribed).toEqual(['a']);
    expect(subscription.has('a')).toBe(true);
  });

  it('tells what a reconnecting client holds, once', () => {
    const subscription = new DeltaSubscription();
    const first = subscription.receive(delta({ subscribe: ['a'], initialVersions: { a: '1', old: '7' } }));
    const later = subscription.receive(delta({ subscribe: ['b'], initialVersions: { b: '1' } }));
    expect(first.have).toEqual(new Map([['a', '1'], ['old', '7']])); // biome-ignore format: a table
    expect(later.have).toEqual(new Map());
  });

  it('matches answers to the responses under way, in any number', () => {
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

  it.each(['1', 'invented'])('ignores the nonce %s when nothing under way carries it', (nonce) => {
    const subscription = new DeltaSubscription();
    subscription.sent('1');
    subscription.receive(delta({ subscribe: ['a'], nonce: '1' }));
    expect(subscription.receive(delta({ nonce, error: 'late' }))).toEqual(nothing);
  });

  it('hears names on a request whose nonce is stale', () => {
    const subscription = new DeltaSubscription();
    subscription.receive(delta({ subscribe: ['a'] }));
    expect(subscription.receive(delta({ nonce: 'invented', subscribe: ['b'] })).subscribed).toEqual(['b']);
  });
});

describe('SotW', () => {
  it('takes no names for a wildcard as long as none was given', () => {
    const subscription = new SotwSubscription();
    expect(subscription.receive(sotw())).toEqual({ ...nothing, wildcard: true });
    expect(subscription.receive(sotw())).toEqual(nothing);
    expect(subscription.wildcard).toBe(true);
  });

  it('takes no names for nothing once one was given', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a'] }));
    expect(subscription.receive(sotw())).toEqual({ ...nothing, unsubscribed: ['a'] });
    expect([subscription.wildcard, subscription.has('a')]).toEqual([false, false]);
  });

  it('continues a wildcard by "*", and ends it without', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw());
    expect(subscription.receive(sotw({ names: ['*', 'a'] }))).toEqual({ ...nothing, subscribed: ['a'] });
    subscription.receive(sotw({ names: ['a'] }));
    expect(subscription.wildcard).toBe(false);
  });

  it('finds what was added and what was left out', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a', 'b'] }));
    expect(subscription.receive(sotw({ names: ['b', 'c'] }))).toEqual({
      ...nothing,
      unsubscribed: ['a'],
      subscribed: ['c'],
    });
  });

  it('takes an acknowledgement for no new request', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a'] }));
    subscription.sent('1');
    expect(subscription.receive(sotw({ names: ['a'], nonce: '1' }))).toEqual({ ...nothing, ack: '1' });
  });

  it('answers a name that was left out and is asked for again', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a'] }));
    subscription.receive(sotw({ names: ['b'] }));
    expect(subscription.receive(sotw({ names: ['a', 'b'] })).subscribed).toEqual(['a']);
  });

  it('hears the names of a refusal', () => {
    const subscription = new SotwSubscription();
    subscription.receive(sotw({ names: ['a'] }));
    subscription.sent('1');
    expect(subscription.receive(sotw({ names: ['a', 'b'], nonce: '1', error: 'no' }))).toEqual({
      ...nothing,
      subscribed: ['b'],
      nack: { nonce: '1', message: 'no' },
    });
  });

  it('ignores the names of a stale request, and hears them with the answer to the latest response', () => {
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

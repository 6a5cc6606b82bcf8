import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Lane } from '../../dataplane/serve/sending/lane.ts';
import type { LaneOptions, Target } from '../../dataplane/serve/sending/lane-options.ts';
import { Ledger } from '../../dataplane/serve/sending/ledger.ts';

type Options = Partial<Omit<LaneOptions, 'handlers'>> & Partial<Pick<LaneOptions['handlers'], 'nacked'>>;

function makeLane({ batch = 1, window = 8, nacked, ...options }: Options = {}) {
  const world = new Map<string, Target>();
  const sent: string[] = [];
  const refused: string[] = [];
  const ledger = new Ledger(() => undefined);
  const lane = new Lane({
    batch,
    window,
    turnOf: () => '',
    ...options,
    send: (resources, removed) => {
      sent.push(
        [...resources.map(({ name, version }) => `${name}@${version}`), ...removed.map((name) => `-${name}`)].join(' '),
      );
      return String(sent.length);
    },
    handlers: {
      target: (name) => world.get(name) ?? 'absent',
      acked: () => {},
      nacked: (name, ...rest) => {
        refused.push(name);
        nacked?.(name, ...rest);
      },
      failed: (_name, _entries, error) => {
        throw error;
      },
    },
    wake: () => lane.flush(),
    acked: (entry) => ledger.acked(entry),
  });
  const put = (name: string, version: string) => world.set(name, { name, version, body: Buffer.from(version) });
  return { lane, world, put, sent, refused, ledger };
}

/** An event that waits only for the names that are marked with it. */
function open(ledger: Ledger, seq: number) {
  const entry = ledger.open(seq, 't', seq);
  const close = () => {
    ledger.acked(entry);
    ledger.live(entry);
  };
  return { entry, close };
}

describe('a lane', () => {
  it('responds to a requested name, even if there is no resource', () => {
    const { lane, sent } = makeLane();
    lane.request('a');
    lane.flush();
    expect(sent).toEqual(['-a']);
  });

  it('leaves the rest of very many resources for the next turn, even if they are unchanged', async () => {
    const { lane, world, put, sent } = makeLane({ turnOf: (name) => name.charAt(0) });
    const names = Array.from({ length: 1000 }, (_, n) => `a${n}`);
    for (const name of names) world.set(name, 'keep');
    for (const name of names) lane.mark(name);
    lane.flush();
    expect(lane.waiting).toBe(744);
    put('b', '1');
    lane.mark('b');
    lane.flush();
    expect(sent).toEqual(['b@1']);
    expect(lane.waiting).toBeGreaterThan(0);
    await vi.waitFor(() => expect(lane.waiting).toBe(0), 10_000);
  });

  it('sends nothing when the client already holds the version', () => {
    const { lane, put, sent } = makeLane();
    put('a', '1');
    lane.sent.set('a', '1');
    lane.mark('a');
    lane.flush();
    expect(sent).toEqual([]);
  });

  it('coalesces changes while one is under way, and then sends the current resource', () => {
    const { lane, put, sent, ledger } = makeLane();
    put('a', '1');
    lane.mark('a');
    lane.flush();
    for (const version of ['2', '3', '4']) {
      put('a', version);
      const { entry, close } = open(ledger, Number(version));
      lane.mark('a', entry);
      close();
      lane.flush();
    }
    expect(sent).toEqual(['a@1']);
    lane.ack('1');
    lane.flush();
    expect(sent).toEqual(['a@1', 'a@4']);
    expect(ledger.ackedCursor).toBe(0);
    lane.ack('2');
    expect(ledger.ackedCursor).toBe(4);
  });

  it('removes the version that the client still holds after it rejected a newer one', () => {
    const { lane, put, world, sent } = makeLane();
    for (const [version, answer] of [
      ['1', 'ack'],
      ['2', 'nack'],
    ] as const) {
      put('a', version);
      lane.mark('a');
      lane.flush();
      lane[answer](String(sent.length), 'cannot bind');
    }
    world.delete('a');
    lane.mark('a');
    lane.flush();
    expect(sent).toEqual(['a@1', 'a@2', '-a']);
    lane.ack('3');
    lane.mark('a');
    lane.flush();
    expect(sent).toHaveLength(3);
  });

  it('keeps no more responses under way than its window', () => {
    const { lane, put, sent } = makeLane({ window: 2 });
    for (const name of ['a', 'b', 'c']) {
      put(name, '1');
      lane.mark(name);
    }
    lane.flush();
    expect(sent).toEqual(['a@1', 'b@1']);
    lane.ack('1');
    lane.flush();
    expect(sent).toEqual(['a@1', 'b@1', 'c@1']);
  });

  it('keeps no more bytes under way than the limit, unless a single response is larger', () => {
    const { lane, put, sent } = makeLane({ bytes: 3 });
    for (const [name, version] of Object.entries({ a: '22', b: '22', c: '55555', d: '1' })) {
      put(name, version);
      lane.mark(name);
    }
    const counts = ['', '1', '2', '3', '4'].map((nonce) => {
      if (nonce) lane.ack(nonce);
      lane.flush();
      return sent.length;
    });
    expect([sent, counts]).toEqual([
      ['a@22', 'b@22', 'c@55555', 'd@1'],
      [2, 3, 3, 4, 4],
    ]);
  });

  it('serves tenants round robin: a name waits for at most one name of each other tenant', () => {
    const { lane, put, sent } = makeLane({ window: 1, turnOf: (name) => name.split('/')[0]! });
    for (const name of ['a/1', 'a/2', 'a/3', 'a/4', 'b/1', 'b/2', 'c/1']) {
      put(name, '1');
      lane.mark(name);
    }
    for (let n = 1; n <= 7; n++) {
      lane.flush();
      lane.ack(String(n));
    }
    expect(sent.map((text) => text.slice(0, 3))).toEqual(['a/1', 'b/1', 'c/1', 'a/2', 'b/2', 'a/3', 'a/4']);
  });

  it('postpones a name whose target state is not known yet, and no other name', () => {
    const { lane, world, put, sent } = makeLane();
    world.set('a', 'later');
    put('b', '1');
    lane.request('a');
    lane.request('b');
    lane.flush();
    expect(sent).toEqual(['b@1']);
    put('a', '1');
    lane.reconsider('a');
    lane.flush();
    expect(sent).toEqual(['b@1', 'a@1']);
  });

  it('sends a rejected resource again once it has changed', () => {
    const { lane, put, sent, refused } = makeLane();
    put('a', '1');
    lane.mark('a');
    lane.flush();
    lane.nack('1', 'no');
    expect(refused).toEqual(['a']);
    put('a', '2');
    lane.mark('a');
    lane.flush();
    expect(sent).toEqual(['a@1', 'a@2']);
  });

  it('acknowledges the events of a name from which the client unsubscribes', () => {
    const { lane, ledger, put, world } = makeLane();
    world.set('a', 'later');
    const { entry, close } = open(ledger, 7);
    lane.mark('a', entry);
    close();
    lane.flush();
    expect(ledger.ackedCursor).toBe(0);
    lane.forget('a');
    expect(ledger.ackedCursor).toBe(7);
    put('a', '1');
    lane.reconsiderAll();
    expect(lane.idle).toBe(true);
  });

  it('sends a batch in one response', () => {
    const { lane, put, sent } = makeLane({ batch: 2 });
    for (const name of ['a', 'b', 'c']) {
      put(name, '1');
      lane.mark(name);
    }
    lane.flush();
    expect(sent).toEqual(['a@1 b@1', 'c@1']);
  });
});

describe('a resource that cannot be sent', () => {
  function unsendable(instead?: string) {
    const settled: string[] = [];
    const sent: string[] = [];
    const lane: Lane = new Lane({
      batch: 1,
      window: 8,
      turnOf: () => '',
      wake: () => lane.flush(),
      send: (resources, removed) => {
        if (resources.some(({ version }) => version === '2')) throw new Error('no');
        sent.push([...resources.map(({ name, version }) => `${name}@${version}`), ...removed].join(' '));
        return String(sent.length);
      },
      handlers: {
        target: (name) => ({ name, version: '2', body: Buffer.alloc(0) }),
        acked: (name) => settled.push(name),
        nacked: () => {},
        failed: (name) => (instead === undefined ? undefined : { name, version: instead, body: Buffer.alloc(0) }),
      },
      acked: () => undefined,
    });
    lane.request('a');
    lane.flush();
    lane.ack('1');
    return { lane, sent, settled };
  }

  it('is replaced for a client that waits for it, and the substitute settles no event', () => {
    const { lane, sent, settled } = unsendable('1');
    expect([sent, settled, lane.sent.get('a')]).toEqual([['a@1'], [], '1']);
  });

  it('does not exist for a client that waits for it if there is no substitute', () => {
    const { lane, sent, settled } = unsendable();
    expect([sent, settled, lane.sent.get('a')]).toEqual([['a'], [], undefined]);
  });
});

describe('a rejected response of several resources', () => {
  function refuseTogether() {
    const made = makeLane({ batch: 3 });
    const entries = ['a', 'b', 'c'].map((name, i) => {
      made.put(name, '1');
      const opened = open(made.ledger, i + 1);
      made.lane.mark(name, opened.entry);
      opened.close();
      return opened;
    });
    made.lane.flush();
    made.lane.nack('1', 'no');
    return { ...made, entries };
  }

  it('is sent again one resource at a time, and only the bad resource is rejected', () => {
    const { lane, sent, refused, ledger } = refuseTogether();
    expect(refused).toEqual([]);
    lane.flush();
    expect(sent).toEqual(['a@1 b@1 c@1', 'a@1', 'b@1', 'c@1']);
    lane.ack('2');
    lane.nack('3', 'no');
    lane.ack('4');
    expect(refused).toEqual(['b']);
    expect(ledger.ackedCursor).toBe(3);
  });

  it('accepted resources are sent together again; a rejected resource is sent alone until it is accepted', () => {
    const { lane, put, sent } = refuseTogether();
    lane.flush();
    lane.ack('2');
    lane.nack('3', 'no');
    lane.ack('4');
    const change = (version: string) => {
      for (const name of ['a', 'b', 'c']) {
        put(name, version);
        lane.mark(name);
      }
      lane.flush();
    };
    change('2');
    expect(sent.slice(4)).toEqual(['a@2', 'b@2', 'c@2']);
    for (const nonce of ['5', '6', '7']) lane.ack(nonce);
    change('3');
    expect(sent.slice(7)).toEqual(['a@3 b@3 c@3']);
  });

  it('keeps its own events before the events that came while it was under way', () => {
    const revisions: number[][] = [];
    const made = makeLane({
      batch: 2,
      nacked: (_name, _resource, entries) => revisions.push(entries.map(({ revision }) => revision)),
    });
    for (const [name, revision] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['b', 4],
    ] as const) {
      made.put(name, String(revision));
      made.lane.mark(name, open(made.ledger, revision).entry);
      if (revision === 2) made.lane.flush();
    }
    made.lane.nack('1', 'no');
    made.lane.flush();
    expect(made.sent.slice(1)).toEqual(['a@3', 'b@4']);
    made.lane.nack('2', 'no');
    made.lane.nack('3', 'no');
    expect(revisions).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  it('is sent again in the current version, without the names from which the client unsubscribed', () => {
    const { lane, world, put, sent } = refuseTogether();
    put('a', '2');
    lane.forget('b');
    world.set('c', 'absent');
    lane.flush();
    expect(sent.slice(1)).toEqual(['a@2', '-c']);
  });
});

describe('a large resource', () => {
  const version = (n: number) => String(n).repeat(100);
  /** The tenant of a name is its first letter. A version of 100 characters is large. */
  function withLarge() {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { sent, ...rest } = makeLane({ batch: 8, bytes: 50, large: 100, turnOf: ([tenant]) => tenant! });
    const { lane, put } = rest;
    const change = (name: string, to: string) => {
      put(name, to);
      lane.mark(name);
      lane.flush();
    };
    const answer = () => {
      lane.ack(String(sent.length));
      lane.flush();
    };
    return { ...rest, change, answer, sent: () => sent.map((each) => each.slice(0, 4)) };
  }

  it('is sent alone, and others are sent while it is under way', () => {
    const { lane, put, change, answer, sent } = withLarge();
    change('a1', version(1));
    answer();
    vi.advanceTimersByTime(1000);
    for (const [name, to] of [
      ['b1', '1'],
      ['a1', version(2)],
      ['c1', '1'],
    ] as const) {
      put(name, to);
      lane.mark(name);
    }
    lane.flush();
    expect(sent()).toEqual(['a1@1', 'b1@1', 'a1@2', 'c1@1']);
    change('d1', '1');
    expect(sent().at(-1)).toBe('d1@1');
  });

  it('is sent again only after a rest of its tenant, in the last version', () => {
    const { change, answer, sent } = withLarge();
    change('a1', version(1));
    vi.advanceTimersByTime(100);
    change('a1', version(2));
    change('c1', version(1));
    expect(sent()).toEqual(['a1@1']);
    answer();
    expect(sent()).toEqual(['a1@1', 'c1@1']);
    answer();
    vi.advanceTimersByTime(200);
    change('a1', version(3));
    change('a2', '1');
    expect(sent()).toEqual(['a1@1', 'c1@1', 'a2@1']);
    vi.advanceTimersByTime(101);
    expect(sent()).toEqual(['a1@1', 'c1@1', 'a2@1', 'a1@3']);
  });

  it('is sent at once if the client requested it, and to nobody after the end', () => {
    const { lane, change, answer, sent } = withLarge();
    change('a1', version(1));
    vi.advanceTimersByTime(100);
    answer();
    lane.request('a1');
    lane.flush();
    expect(sent()).toEqual(['a1@1', 'a1@1']);
    answer();
    change('a1', version(2));
    lane.close();
    vi.advanceTimersByTime(10_000);
    expect(sent()).toEqual(['a1@1', 'a1@1']);
  });
});

describe('a ledger', () => {
  it('passes an event only when all earlier events have finished', () => {
    const ledger = new Ledger(() => undefined);
    const first = open(ledger, 1);
    const second = open(ledger, 2);
    second.close();
    expect(ledger.liveCursor).toBe(0);
    first.close();
    expect(ledger.liveCursor).toBe(2);
  });

  it('distinguishes acked from live', () => {
    const ledger = new Ledger(() => undefined);
    const entry = ledger.open(5, 't', 1);
    ledger.acked(entry);
    expect([ledger.ackedCursor, ledger.liveCursor]).toEqual([5, 0]);
    ledger.live(entry);
    expect([ledger.ackedCursor, ledger.liveCursor]).toEqual([5, 5]);
  });
});

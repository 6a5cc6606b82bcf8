import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { ClusterLoadAssignment } from '../../dataplane/envoy/gen/envoy/config/endpoint/v3/endpoint.ts';
import { Any } from '../../dataplane/envoy/gen/google/protobuf/any.ts';
import { Replica } from '../../dataplane/feed/replica.ts';
import { Seal } from '../../dataplane/feed/sealing.ts';
import type { Names } from '../../dataplane/names/names.ts';
import { Intake } from '../../dataplane/serve/intake/intake.ts';
import { FleetState } from '../../dataplane/serve/state/fleet-state.ts';
import { endpoints } from '../../dataplane/serve/types/endpoints.ts';

it('endpoints that nobody uses yet have the addresses that their names have when they are used', () => {
  const folder = mkdtempSync(join(tmpdir(), 'endpoints-'));
  const replica = Replica.open(join(folder, 'replica'));
  let addresses: string[] = [];
  const names = { of: () => addresses } as unknown as Names;
  const state = new FleetState(replica, Seal.open(folder, undefined, pino({ level: 'silent' })), names);
  state.description = { name: 'public', labels: {}, ports: [] };
  const intake = new Intake({ state, types: [], snapshot: () => {}, hasGaps: () => false, gap: () => {} });
  const spec = { port: 80, endpoints: [{ address: 'app.test' }] };
  const puts = [{ kind: 'upstream' as const, name: 'app', spec }];
  intake.apply([{ type: 'tenant', seq: 1, tenant: 'a', base: 0, revision: 1, puts, deletes: [], committedAt: 1 }]);
  const now = () => {
    const { value } = Any.decode(endpoints.find(state, 'a/app')!.resource.body);
    return JSON.stringify(ClusterLoadAssignment.toJSON(ClusterLoadAssignment.decode(value))).match(/10\.0\.0\.\d/g);
  };
  try {
    expect(now()).toBeNull();
    addresses = ['10.0.0.1'];
    expect(now()).toEqual(['10.0.0.1']);
    addresses = ['10.0.0.2', '10.0.0.3'];
    expect(now()).toEqual(['10.0.0.2', '10.0.0.3']);
  } finally {
    replica.close();
    rmSync(folder, { recursive: true });
  }
});

import { join } from 'node:path';
import { bootstrap } from '../../dataplane/envoy/bootstrap.ts';
import { findEnvoy } from '../../dataplane/envoy/find.ts';
import { type RunningEnvoy, runEnvoy } from './run.ts';

/** Starts the Envoy `envoy-1` of a fleet beside the agent that serves xDS in a folder. */
export const runBeside = async (folder: string, fleet: string): Promise<RunningEnvoy> =>
  runEnvoy({
    binary: await findEnvoy(),
    config: bootstrap({
      node: { id: 'envoy-1', cluster: fleet },
      xds: { path: join(folder, 'xds.sock') },
      admin: { path: join(folder, 'admin.sock') },
      probe: join(folder, 'probe.sock'),
    }),
    folder,
  });

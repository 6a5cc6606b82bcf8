import { join } from 'node:path';
import { type BootstrapOptions, bootstrap } from '../../dataplane/envoy/bootstrap.ts';
import { findEnvoy } from '../../dataplane/envoy/find.ts';
import { type RunningEnvoy, runEnvoy } from './run.ts';

interface Options extends Pick<BootstrapOptions, 'concurrency' | 'limits'> {
  /** Changes the bootstrap before Envoy reads it. */
  adapt?: (config: Record<string, unknown>) => Record<string, unknown>;
}

/** Starts the Envoy `envoy-1` of a fleet beside the agent that serves xDS in a folder. */
export async function runBeside(
  folder: string,
  fleet: string,
  { adapt = (config) => config, ...more }: Options = {},
): Promise<RunningEnvoy> {
  const config = bootstrap({
    node: { id: 'envoy-1', cluster: fleet },
    xds: { path: join(folder, 'xds.sock') },
    admin: { path: join(folder, 'admin.sock') },
    probe: join(folder, 'probe.sock'),
    ...more,
  });
  return runEnvoy({ binary: await findEnvoy(), config: adapt(config), folder });
}

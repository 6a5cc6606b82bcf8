import { basename } from 'node:path';
import type { Definition } from '../command.ts';
import { ALL_SETTINGS, COMPILE_CACHE, environment } from '../options.ts';
import { UsageError } from '../process/failure.ts';
import { agentProgram } from '../process/program.ts';

type Options = Partial<Record<'api' | 'fleet' | 'data' | 'xds' | 'health' | 'name' | 'compileCache', string>>;

/** Each option sets an environment variable. The token has no option, because other users can see arguments. */
export const agent: Definition<Options> = {
  path: 'agent',
  description: 'Run an agent: it pulls the configuration of its fleet and serves it over xDS to the Envoys beside it',
  define: (command) => {
    command
      .option('--api <url>', 'control API; GATEHOUSE_API')
      .option('--fleet <name>', 'fleet of the agent; GATEHOUSE_FLEET')
      .option('--data <dir>', 'folder of the replica; GATEHOUSE_DATA')
      .option('--xds <address>', 'address to which Envoys connect, unix:/path or host:port; GATEHOUSE_XDS')
      .option('--health <address>', 'address for health, metrics and dumps, unix:/path or host:port; GATEHOUSE_HEALTH')
      .option('--name <name>', 'name of this agent; GATEHOUSE_AGENT; default the host name')
      .option('--compile-cache <dir>', COMPILE_CACHE)
      .addHelpText(
        'after',
        `
Required: --data, --xds and --health. An agent that has not enrolled (agent enroll) also needs --api, --fleet and
GATEHOUSE_AGENT_TOKEN. For example:
  GATEHOUSE_AGENT_TOKEN=… gatehouse agent --api http://127.0.0.1:8480 --fleet edge --data /var/lib/gatehouse/edge \\
    --xds unix:/run/gatehouse/xds.sock --health 127.0.0.1:8481

Environment variables:
  GATEHOUSE_AGENT_TOKEN        token of the fleet, from POST /v1/fleets/FLEET/tokens
  GATEHOUSE_AGENT_SEALING_KEY  base64 of 32 bytes that seals private keys in --data; default a key in that folder
  GATEHOUSE_HOST_IDLE          milliseconds that an Envoy keeps a host loaded without a request
  GATEHOUSE_SERVER_NAMES       server names below wildcards for which an Envoy keeps a certificate
  GATEHOUSE_ROLE               edge (default), or sidecar for the routes that are bound to mesh
  GATEHOUSE_OUTBOUND           where sidecars take requests, address:port; default 127.0.0.1:15001
  GATEHOUSE_NAME_SERVERS       name servers for the DNS names of upstreams; default: those of /etc/resolv.conf
  GATEHOUSE_LOG                trace, debug, info, warn, error, fatal or silent
${ALL_SETTINGS}`,
      );
  },
  run: async ({ options: { api, fleet, data, xds, health, name, compileCache } }) => {
    const { warnOfMisplaced } = await import('../misplaced.ts');
    warnOfMisplaced('agent');
    const { agentSettings, DATA_FILES } = await import('../../dataplane/settings.ts');
    const { requireOwnFolder } = await import('../../wire/own-folder.node.ts');
    const env = environment({
      GATEHOUSE_API: api,
      GATEHOUSE_FLEET: fleet,
      GATEHOUSE_DATA: data,
      GATEHOUSE_XDS: xds,
      GATEHOUSE_HEALTH: health,
      GATEHOUSE_AGENT: name,
      NODE_COMPILE_CACHE: compileCache,
    });
    const settings = usable(() => agentSettings(env));
    // Node may have begun to write its compiled sources into the folder.
    const compiled = basename(env.NODE_COMPILE_CACHE ?? 'compiled');
    requireOwnFolder(settings.data, [...DATA_FILES, compiled], '--data');
    const { command, args, env: own } = agentProgram(settings.data, env);
    // This process becomes the agent, because Node reads its flags only at its start. No code of this program stays in
    // memory. `execve` exists on every system that Envoy runs on.
    process.execve!(command, [command, ...args], { ...env, ...own });
  },
};

/** @throws UsageError with the message of the error that `read` throws */
function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new UsageError((cause as Error).message);
  }
}

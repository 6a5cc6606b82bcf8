import { Command } from 'commander';
import { agentProgram } from '../process/program.ts';
import { bootstrapCommand } from './bootstrap.ts';
import { ALL_SETTINGS, COMPILE_CACHE, environment } from './options.ts';

/** Each option stands for an environment variable; the token has no option, since others see arguments. */
export function agentCommand(): Command {
  return (
    new Command('agent')
      // What follows `bootstrap` is its own, even where both have an option of that name.
      .enablePositionalOptions()
      .description('Run an agent: pulls what its fleet serves and hands it to the Envoys beside it over xDS')
      .option('--api <url>', 'control API; GATEHOUSE_API')
      .option('--fleet <name>', 'fleet it belongs to; GATEHOUSE_FLEET')
      .option('--data <dir>', 'folder of its replica; GATEHOUSE_DATA')
      .option('--xds <address>', 'where Envoys connect, unix:/path or host:port; GATEHOUSE_XDS')
      .option('--health <address>', 'where health, metrics and dumps are, host:port; GATEHOUSE_HEALTH')
      .option('--name <name>', 'name of this agent; GATEHOUSE_AGENT; default the host name')
      .option('--compile-cache <dir>', COMPILE_CACHE)
      .addHelpText(
        'after',
        `
Required: --api, --fleet, --data, --xds, --health and GATEHOUSE_AGENT_TOKEN. For example:
  GATEHOUSE_AGENT_TOKEN=… gatehouse agent --api http://127.0.0.1:8480 --fleet edge --data /var/lib/gatehouse/edge \\
    --xds unix:/run/gatehouse/xds.sock --health 127.0.0.1:8481

Environment variables:
  GATEHOUSE_AGENT_TOKEN        token of the fleet, from POST /v1/fleets/FLEET/tokens
  GATEHOUSE_AGENT_SEALING_KEY  base64 of 32 bytes that seals private keys in --data; default a key in that folder
  GATEHOUSE_HOST_IDLE          milliseconds that an Envoy keeps a host loaded without a request
  GATEHOUSE_LOG                trace, debug, info, warn, error, fatal or silent
${ALL_SETTINGS}`,
      )
      .action(async ({ api, fleet, data, xds, health, name, compileCache }: Record<string, string | undefined>) => {
        const { agentSettings } = await import('../../dataplane/settings.ts');
        const env = environment({
          GATEHOUSE_API: api,
          GATEHOUSE_FLEET: fleet,
          GATEHOUSE_DATA: data,
          GATEHOUSE_XDS: xds,
          GATEHOUSE_HEALTH: health,
          GATEHOUSE_AGENT: name,
          NODE_COMPILE_CACHE: compileCache,
        });
        const settings = agentSettings(env);
        const { command, args, env: own } = agentProgram(settings.data, env);
        // Becomes the agent, since Node takes its flags at start only: the same process, and nothing of this one stays in memory.
        // It is there wherever Envoy is.
        process.execve!(command, [command, ...args], { ...env, ...own });
      })
      .addCommand(bootstrapCommand())
  );
}

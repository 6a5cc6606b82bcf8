import { Command } from 'commander';
import { environment } from './options.ts';

/** Each option stands for an environment variable; secrets have no option, since others see arguments. */
export function apiCommand(): Command {
  return new Command('api')
    .description('Run the control API')
    .option('--listen <host:port>', 'where it listens; GATEHOUSE_LISTEN; default 127.0.0.1:8480')
    .option('--store <url>', 'its database; GATEHOUSE_STORE; default sqlite:.gatehouse/api.sqlite')
    .addHelpText(
      'after',
      '\nGATEHOUSE_OPERATOR_TOKEN is the first operator’s token, GATEHOUSE_SEALING_KEYS what seals private keys.',
    )
    .action(async ({ listen, store }: { listen?: string; store?: string }) => {
      const { startApi } = await import('../../api/serve.node.ts');
      const { readSettings } = await import('../../api/settings.ts');
      await runUntilSignal(
        await startApi(readSettings(environment({ GATEHOUSE_LISTEN: listen, GATEHOUSE_STORE: store }))),
      );
    });
}

/** The first signal lets what runs finish, a second leaves at once. */
async function runUntilSignal(running: { close(): Promise<void> }): Promise<void> {
  await new Promise<void>((resolve) => {
    let asked = 0;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        // A shim and a terminal may both tell of the same key.
        if (!asked) resolve();
        else if (Date.now() - asked > 1000) process.exit(1);
        asked ||= Date.now();
      });
    }
  });
  await running.close();
  process.exit(0);
}

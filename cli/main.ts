import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { agentCommand } from './commands/agent.ts';
import { apiCommand } from './commands/api.ts';
import { completionCommand } from './commands/completion.ts';
import { keepingCommands } from './commands/keeping.ts';
import { upCommand } from './commands/up.ts';
import { Failure, message } from './process/failure.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('gatehouse')
  .description('Hosted ingress: a REST API, versioned revisions, and an agent that serves them to Envoy.')
  .version(version, '-v, --version')
  .enablePositionalOptions()
  .showHelpAfterError('Run with --help for what there is.')
  .addCommand(upCommand())
  .addCommand(apiCommand())
  .addCommand(agentCommand());
for (const command of [...keepingCommands(), completionCommand(program)]) program.addCommand(command);

try {
  await program.parseAsync();
} catch (error) {
  console.error(`gatehouse: ${message(error)}`);
  if (error instanceof Failure) for (const line of error.details) console.error(`  ${line}`);
  process.exitCode = 1;
}

/** The text of commands.md, from the definitions of the commands. */
import type { Command } from 'commander';
import { COMMANDS } from '../../cli/commands/index.ts';
import { EXIT } from '../../cli/exit.ts';
import { programOf } from '../../cli/program.ts';

const WIDTH = 100;

const BEGINNING = `# Commands

The help of every command, generated from \`cli/commands/\` by \`npm run pages\`. [Settings](settings.md) lists the environment
variables.

Every command exits with ${EXIT.ok} when it succeeded, ${EXIT.failed} when it failed, ${EXIT.usage} when an option, an argument or a setting is wrong,
and ${EXIT.notLive} when a change is not live in time.
`;

/** @returns the whole page as Markdown */
export function commandsPage(): string {
  const program = programOf(COMMANDS, '');
  return [BEGINNING, ...sections(program, ['gatehouse'])].join('\n');
}

function sections(parent: Command, path: string[]): string[] {
  return parent.commands.flatMap((command) => {
    const words = [...path, command.name()];
    return [`## \`${words.join(' ')}\`\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`, ...sections(command, words)];
  });
}

/** The output of `--help`, wrapped at a fixed width instead of the terminal's. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => WIDTH });
  command.outputHelp();
  return text.trim();
}

import { Command } from 'commander';
import type { Answer, Definition, Given } from './command.ts';
import { failed } from './exit.ts';
import { JSON_OPTION, REMOTE_HELP, REMOTE_OPTIONS } from './options.ts';
import { Failure, message } from './process/failure.ts';
import type { Remote } from './remote/client.ts';
import { print } from './terminal/print.ts';

/**
 * Builds the command line from the definitions.
 *
 * @param definitions every command; a group (`store`) comes before its subcommands (`store copy`)
 */
export function programOf(definitions: readonly Definition<never>[], version: string): Command {
  const program = strict(new Command('gatehouse'))
    .description('Hosted ingress: a REST API, versioned revisions, and an agent that serves them to Envoy.')
    .version(version, '-v, --version');
  const byPath = new Map([['', program]]);
  for (const definition of definitions) {
    const words = definition.path.split(' ');
    const parent = byPath.get(words.slice(0, -1).join(' '));
    if (!parent) throw new Error(`'${definition.path}' has no command before its last word in the list`);
    const command = strict(new Command(words.at(-1))).description(definition.description);
    complete(command, definition, program);
    parent.addCommand(command);
    byPath.set(definition.path, command);
  }
  return program;
}

/**
 * Makes commander throw usage errors, which `exit.ts` prints. Options after a subcommand's word belong to the
 * subcommand.
 */
const strict = (command: Command): Command =>
  command.exitOverride().enablePositionalOptions().showHelpAfterError('Run with --help for what there is.');

function complete(command: Command, definition: Definition<never>, program: Command): void {
  definition.define?.(command);
  if ('isGroup' in definition) return;
  if ('call' in definition || 'write' in definition) {
    for (const [flags, description] of REMOTE_OPTIONS) command.option(flags, description);
    command.addHelpText('after', REMOTE_HELP);
  }
  if ('call' in definition || 'answer' in definition) command.option(...JSON_OPTION);
  command.action(async () => {
    const options = command.opts<Shared>();
    const given = { options, args: command.args, program } as Given<unknown> as Given<never>;
    if ('run' in definition) return definition.run(given);
    if ('write' in definition) return definition.write(await remoteOf(options), given);
    const asJson = options.json === true;
    show(await answerOf(definition, given, options).catch((error) => fail(error, asJson)), asJson);
  });
}

/** The parsed values of the options that this file adds. */
interface Shared {
  json?: boolean;
  url?: string;
  profile?: string;
}

type Asking = Exclude<Definition<never>, { isGroup: true } | { run: unknown } | { write: unknown }>;

async function answerOf(definition: Asking, given: Given<never>, options: Shared): Promise<Answer> {
  if ('answer' in definition) return definition.answer(given);
  return definition.call(await remoteOf(options), given);
}

async function remoteOf(options: Shared): Promise<Remote> {
  // The imports are here, so that a command that calls no API does not load the client.
  const { connectTo } = await import('./remote/client.ts');
  const { readProfile } = await import('./remote/profile.ts');
  return connectTo(readProfile(options));
}

/** Prints an error for `--json`, and throws it on to `exit.ts`. */
function fail(error: unknown, asJson: boolean): never {
  const details = error instanceof Failure ? error.details : [];
  if (asJson) print(failed(message(error), details));
  throw error;
}

function show({ text, json, exit = 0, why }: Answer, asJson: boolean): void {
  const output = asJson ? JSON.stringify(json) : text;
  if (output !== '') print(output);
  if (why !== undefined) print(`gatehouse: ${why}`, process.stderr);
  process.exitCode = exit;
}
